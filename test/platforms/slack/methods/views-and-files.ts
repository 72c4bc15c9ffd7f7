import { SlackApiError } from '../errors.ts';
import { secret } from '../ids.ts';
import type { Values } from '../request.ts';
import { type Call, type Method, text } from './types.ts';

function show({ server, installation: { workspace }, args }: Call): Values {
  const owner = server.takeTrigger(text(args, 'trigger_id'));
  const view = args.view as Values | undefined;
  if (typeof view !== 'object') throw new SlackApiError('invalid_arguments');
  const id = server.ids.next('V');
  workspace.views.set(id, { id, owner, view });
  return { view: { ...view, id, team_id: workspace.id } };
}

export const VIEWS_AND_FILES: Readonly<Record<string, Method>> = {
  'views.open': show,
  'views.push': show,
  'views.publish': ({ server, args }) => {
    return { view: { ...(args.view as Values), id: server.ids.next('V'), user: text(args, 'user_id') } };
  },
  'views.update': ({ installation: { workspace }, args }) => {
    const shown = workspace.views.get(text(args, 'view_id'));
    if (!shown) throw new SlackApiError('not_found');
    shown.view = args.view as Values;
    return { view: { ...shown.view, id: shown.id } };
  },
  'files.getUploadURLExternal': ({ server, installation: { workspace }, args }) => {
    const id = server.ids.next('F');
    const url = `${server.url}/upload/v1/${secret()}`;
    workspace.files.set(id, { name: text(args, 'filename'), size: 0, url });
    return { file_id: id, upload_url: url };
  },
  'files.completeUploadExternal': ({ installation: { workspace }, args }) => {
    const files = args.files as readonly { readonly id: string }[];
    for (const { id } of files) if (!workspace.files.get(id)?.size) throw new SlackApiError('file_not_found');
    return { files: files.map(({ id }) => ({ id, name: workspace.files.get(id)?.name })) };
  },
  'files.delete': ({ installation: { workspace }, args }) => {
    if (!workspace.files.delete(text(args, 'file'))) throw new SlackApiError('file_not_found');
    return {};
  },
};
