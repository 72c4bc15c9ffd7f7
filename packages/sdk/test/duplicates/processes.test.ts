import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Claims } from '../../src/duplicates/claims.js';
import { streamsIn } from '../journal-of.js';
import { directory } from '../running-backend.js';

const PROGRAM = fileURLToPath(new URL('../fixtures/payer.mjs', import.meta.url));

interface Answer {
  readonly key: string;
  readonly paid?: string;
  readonly code?: string;
  readonly message?: string;
  readonly first?: { readonly recordId?: string; readonly isDone: boolean; readonly claim: string };
}

/** A process that pays. */
class Payer {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #answers: AsyncIterator<string>;

  constructor() {
    this.#child = spawn(process.execPath, [PROGRAM], {
      env: { BOTAUDIT_DIR: directory, BOTAUDIT_METRICS: 'off', TRANSFERS: transfersFile() },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
    payers.push(this);
  }

  /** `undefined` where it died. */
  async pay(key: string): Promise<Answer | undefined> {
    this.#child.stdin.write(`${key}\n`);
    const { done, value } = await this.#answers.next();
    return done ? undefined : (JSON.parse(value) as Answer);
  }

  async end(): Promise<void> {
    const ended = this.#child.exitCode ?? this.#child.signalCode;
    this.#child.kill('SIGKILL');
    if (ended === null) await once(this.#child, 'exit');
  }
}

const payers: Payer[] = [];
const transfersFile = () => join(directory, 'transfers');
const transfers = () => readFileSync(transfersFile(), 'utf8').split('\n').slice(0, -1);

beforeEach(() => writeFileSync(transfersFile(), ''));
afterEach(async () => {
  for (const payer of payers.splice(0)) await payer.end();
});

test('of two processes that are told at once, one pays, whichever it is, fifty times', async () => {
  const both = [new Payer(), new Payer()];
  for (let round = 0; round < 50; round++) {
    const answers = await Promise.all(both.map((payer) => payer.pay(`order ${round}`)));
    expect(answers.map((answer) => answer?.paid ?? answer?.code).sort()).toEqual([
      'ERR_AUDIT_DUPLICATE_ACTION',
      'paid',
    ]);
  }
  expect(transfers()).toHaveLength(50);
  const records = streamsIn(directory).flat();
  const outcomes = records.filter(({ attributes }) => attributes['bot.action.stage'] === 'outcome');
  expect(outcomes).toHaveLength(50);
});

test('what was paid by a process that was killed before it could say so is not paid again, until somebody frees it', async () => {
  expect(await new Payer().pay('die-1')).toBeUndefined();
  const answer = await new Payer().pay('die-1');
  expect(answer).toMatchObject({ code: 'ERR_AUDIT_DUPLICATE_ACTION', first: { isDone: false } });
  expect(transfers()).toEqual(['die-1']);
  const [attempt] = streamsIn(directory)
    .flat()
    .filter(({ attributes }) => attributes['bot.action.stage'] === 'attempt');
  expect(answer?.first?.recordId).toBe(attempt?.attributes['audit.record.id']);
  expect(answer?.message).toContain(`botaudit duplicates release ${answer?.first?.claim}`);

  expect(new Claims(directory).release(answer?.first?.claim as string)).toBe(true);
  expect(await new Payer().pay('die-1')).toBeUndefined();
  expect(transfers()).toEqual(['die-1', 'die-1']);
});

test('what a process has paid before it ended is not paid by the next one', async () => {
  const first = new Payer();
  expect(await first.pay('order')).toMatchObject({ paid: 'paid' });
  await first.end();
  expect(await new Payer().pay('order')).toMatchObject({ first: { isDone: true } });
  expect(transfers()).toEqual(['order']);
});
