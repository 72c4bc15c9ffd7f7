import { fstatSync, readFileSync, readlinkSync } from 'node:fs';
import { userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { isatty } from 'node:tty';

const [STDIN, STDOUT, STDERR] = [0, 1, 2];

/** As much of a variable is kept: anybody can put anything there. */
const MAX_CLAIM = 200;

/** What Linux says where nobody has logged in: a service, a container. */
const NO_LOGIN = 0xffffffff;

/** Who runs this process, as far as the operating system and the environment say. */
export interface Reader {
  /** Name of the user, or the uid where it has none. */
  readonly user: string;
  /**
   * Folder for what their programs keep: `XDG_STATE_HOME`, else in the home of that user; `undefined` where there is none. Not
   * `HOME`, which sudo may leave as another's.
   */
  readonly state: string | undefined;
  /** Where they sit: `ssh` with an address, as the environment claims, else the `terminal`; `undefined` where neither is known. */
  readonly source: { readonly id: string; readonly type: 'ssh' | 'terminal' } | undefined;
  /** What else is known of them, for the record. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** Finds out who runs this process. Never throws. */
export function findReader(env: NodeJS.ProcessEnv = process.env): Reader {
  const uid = process.geteuid?.() ?? -1;
  const { user = String(uid), home } = account();
  const terminal = terminalOf();
  const claimed = {
    sudo_user: claim(env.SUDO_USER),
    sudo_uid: claim(env.SUDO_UID),
    ssh_connection: claim(env.SSH_CONNECTION),
  };
  const address = claimed.ssh_connection?.split(' ')[0];
  const isClaimed = Object.values(claimed).some((value) => value !== undefined);
  return {
    user,
    state: stateOf(env, home),
    source: address ? { id: address, type: 'ssh' } : terminal ? { id: terminal, type: 'terminal' } : undefined,
    details: { uid, login_uid: loginUid(), terminal, ...(isClaimed && { claimed }) },
  };
}

/** Where standard output goes, and the file's name where it is one: what is read may be kept there. */
export function findOutput(): { readonly kind: string; readonly path?: string | undefined } {
  try {
    if (isatty(STDOUT)) return { kind: 'terminal' };
    const stats = fstatSync(STDOUT);
    if (stats.isFile()) return { kind: 'file', path: linkOf(STDOUT) };
    return { kind: stats.isFIFO() || stats.isSocket() ? 'pipe' : 'device' };
  } catch {
    return { kind: 'closed' };
  }
}

/** The specification of XDG has it that a path which is not absolute counts for nothing. */
function stateOf({ XDG_STATE_HOME: state = '' }: NodeJS.ProcessEnv, home: string | undefined): string | undefined {
  return isAbsolute(state) ? state : home && join(home, '.local/state');
}

/** A uid without an account, as in many containers, has neither name nor home. */
function account(): { readonly user?: string; readonly home?: string } {
  try {
    const { username, homedir } = userInfo();
    return { user: username, home: homedir };
  } catch {
    return {};
  }
}

/** Who logged in, which the kernel keeps through `su` and `sudo`; Linux alone has it. */
function loginUid(): number | undefined {
  try {
    const uid = Number(readFileSync('/proc/self/loginuid', 'utf8'));
    return uid === NO_LOGIN ? undefined : uid;
  } catch {
    return undefined;
  }
}

function terminalOf(): string | undefined {
  const fd = [STDIN, STDERR, STDOUT].find((each) => isatty(each));
  return fd === undefined ? undefined : linkOf(fd);
}

/** What a descriptor leads to; Linux alone tells. */
function linkOf(fd: number): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return undefined;
  }
}

function claim(value: string | undefined): string | undefined {
  return value?.trim().slice(0, MAX_CLAIM) || undefined;
}
