import { oneOf, option, optionalOption, path, section } from '@botaudit/config';

/** The options of `access_log`. */
export const ACCESS_LOG_OPTIONS = section({
  mode: option(oneOf(['required', 'best-effort', 'off']), 'best-effort', {
    env: 'BOTAUDIT_ACCESS_LOG',
    description:
      'What botaudit search, show, tail and export do about recording who reads: required, they read nothing that cannot be recorded; best-effort, they say so and read; off, they record nothing.',
  }),
  directory: optionalOption(path, {
    env: 'BOTAUDIT_ACCESS_DIR',
    otherwise: 'access in the folder of the journal that is read, else ~/.local/state/botaudit/access',
    description:
      'Folder in which each user who reads has a journal, named like the user, of what they read. It must be one that all of them may write to, such as one of mode 1733.',
  }),
});
