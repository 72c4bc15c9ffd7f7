import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { environmentFor } from '../environment-for.js';
import { EXIT, Failure } from '../failure.js';
import { describeKeys, type KeyDescription } from '../keys/describe-key.js';
import { readKeyFile } from '../keys/key-files.js';
import { Output } from '../output.js';
import { Columns, displayWidth } from '../text/columns.js';
import { harmless, harmlessJson } from '../text/harmless.js';

/** Options of `botaudit keys list`. */
export interface KeysListOptions {
  readonly dir?: string | undefined;
  readonly config?: string | undefined;
  readonly json?: boolean | undefined;
}

/** Lists the keys in files, or those that the configuration names: what they are called, never what they are. */
export async function keysList(files: readonly string[], options: KeysListOptions): Promise<void> {
  const named = files.length > 0 ? files.map((file) => resolve(file)) : await configured(options);
  if (named.length === 0) throw new Failure('the configuration names no key; name files of keys', EXIT.no);
  const keys: KeyDescription[] = [];
  for (const file of named) {
    const found = describeKeys(file, readKeyFile(file));
    if (found.length === 0) throw new Failure(`${file} holds no key that botaudit knows`);
    keys.push(...found);
  }
  const output = new Output();
  if (options.json) {
    for (const key of keys) {
      const line = JSON.stringify({ ...key, problem: key.problem ?? null });
      output.line(output.isTerminal ? harmlessJson(line) : line);
    }
  } else {
    const rows = keys.map(({ kind, id, part, file, current, problem }) => [
      kind,
      id,
      current ? part : `${part}, former`,
      harmless(file),
      problem ?? '',
    ]);
    const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((cells) => displayWidth(cells[column] ?? ''))));
    const columns = new Columns(output.paint, widths);
    for (const cells of rows) {
      output.line(
        columns.line(
          cells.map((text, index) => (index === 4 ? { text, style: 'red' } : { text })),
          output.width,
        ),
      );
    }
  }
  await output.flush();
  process.exitCode = keys.some(({ problem }) => problem !== undefined) ? EXIT.no : EXIT.ok;
}

/** Files of keys that a bot started here would use. */
async function configured({ dir, config }: KeysListOptions): Promise<string[]> {
  const { loadConfig } = await import('@botaudit/sdk');
  const { journal, signing, protection } = loadConfig({ env: environmentFor({ dir, config }) });
  const own = resolve(journal.directory ?? '.botaudit', 'signing.key');
  return [
    signing.keyFile ?? (signing.key === undefined && existsSync(own) ? own : undefined),
    protection.pseudonym.keyFile,
    ...protection.encrypt.recipients.map((file) => file.replace(/#[\w-]{43}$/, '')),
  ].filter((file) => file !== undefined);
}
