import type { DirectoryKind, Durability } from '@botaudit/journal';
import type { EndpointConfig } from '../config/endpoint.js';
import type { JournalHome } from './journal-home.js';

/** What each kind of folder means for the records. */
const MEANING: Readonly<Record<Exclude<DirectoryKind, 'memory'>, string>> = {
  configured: 'the configured folder',
  'working-folder': 'in the working folder; in a container they last as long as it does, unless that is a volume',
  'var-lib': 'the folder of this machine',
  ephemeral: 'a temporary folder: a restart of the machine or the pod clears it',
};

/** What each durability means for a record that is written, where it is not what one would expect. */
const HOW: Readonly<Record<Durability, string>> = {
  memory: ', written within a tick',
  process: '',
  power: ', synced to the disk in the background',
};

/** What people should know at the start: where records go, how long they last there, and who takes them away. */
export function startupLine(
  { chosen, durability, writer }: Pick<JournalHome, 'chosen' | 'durability' | 'writer'>,
  endpoint: EndpointConfig | undefined,
): string {
  const { kind, path, problem } = chosen;
  const reason = problem ?? writer.problem?.message;
  const because = reason === undefined ? '' : ` (${reason})`;
  if (kind === 'memory') {
    return `no folder can be written: records are kept in memory, the latest 16 MiB of them, and end with the process${because}`;
  }
  return `records go to ${path}, ${MEANING[kind]}${HOW[durability]}${because}; ${destination(endpoint)}`;
}

/** Without query and the like, which may hold a secret. */
function destination(endpoint: EndpointConfig | undefined): string {
  if (!endpoint) return 'they stay there, no endpoint is configured';
  const { origin, pathname } = new URL(endpoint.url);
  return `from there they are sent to ${origin}${pathname}`;
}
