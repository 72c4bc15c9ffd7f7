import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const CLI = fileURLToPath(import.meta.resolve('../../packages/cli/dist/main.js'));

/** `botaudit doctor` that goes on, until it is killed or the test has ended. */
export class DoctorService {
  /** All that it said on either output. */
  output = '';
  readonly #child: ReturnType<typeof spawn>;
  readonly #closed: Promise<unknown>;

  constructor(args: readonly string[], cwd: string, env: Readonly<Record<string, string>>) {
    this.#child = spawn(process.execPath, [CLI, 'doctor', ...args], {
      cwd,
      env: { PATH: process.env.PATH, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
      });
    }
    this.#closed = once(this.#child, 'close');
    onTestFinished(() => this.kill());
  }

  /** Ends it as a crash of the machine would. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#closed;
  }
}

/** Runs `botaudit doctor --json` to its end: its exit code, what it printed, and what each leg of the canary came to. */
export async function runDoctor(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<{ readonly code: number | null; readonly output: string; readonly legs: Readonly<Record<string, string>> }> {
  const child = spawn(process.execPath, [CLI, 'doctor', ...args], {
    cwd,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [output] = await Promise.all([text(child.stdout), once(child, 'close')]);
  const { checks } = JSON.parse(output) as { checks: { name: string; status: string }[] };
  const legs = checks.filter(({ name }) => name.startsWith('canary: '));
  return {
    code: child.exitCode,
    output,
    legs: Object.fromEntries(legs.map(({ name, status }) => [name.slice('canary: '.length), status])),
  };
}
