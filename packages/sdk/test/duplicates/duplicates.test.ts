import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type AuditUnavailableError,
  DuplicateActionError,
  type Occurrence,
  type OccurrenceQuery,
  unregisterBackend,
} from '@botaudit/api';
import { actionKey, updateKey } from '@botaudit/record';
import { afterEach, describe, expect, it } from 'vitest';
import type { Backend } from '../../src/index.js';
import { streamsIn } from '../journal-of.js';
import { directory, event, said, start } from '../running-backend.js';
import { counted } from './counted.js';

afterEach(() => unregisterBackend());

const UPDATE = {
  'bot.id': 'telegram:7',
  'bot.update.id': '5',
  'bot.update.type': 'message',
  'bot.framework': 'grammy',
};
const updated = (more: Partial<OccurrenceQuery> = {}): OccurrenceQuery => ({
  kind: 'update',
  name: 'bot.command',
  framework: 'grammy',
  key: updateKey('telegram:7', '5', 'message'),
  onDuplicate: 'mark',
  ...more,
});

/** An update arrives, as instrumentations have it. */
function arrives(backend: Backend, attributes: Record<string, string> = UPDATE, more: Partial<OccurrenceQuery> = {}) {
  const key = updateKey(attributes['bot.id'], attributes['bot.update.id'], attributes['bot.update.type']);
  const occurrence = occurs(backend, updated({ key, ...more }));
  const id = backend.write(
    event({ name: 'bot.command', action: 'EXECUTE', attributes: { ...attributes, ...occurrence.marks } }),
  );
  occurrence.recorded(id);
  return { occurrence, id };
}

/** A bot bans somebody for an update. */
function bans(
  backend: Backend,
  trigger: string | undefined,
  cause: string,
  ended: 'success' | 'failure' | 'unknown' | 'died',
) {
  const hash = backend.hashArguments('ban', { user: 1 }) as string;
  const key = actionKey('telegram:7', cause, 'ban', hash);
  const occurrence = occurs(backend, {
    kind: 'action',
    name: 'bot.member.ban',
    framework: 'grammy',
    key,
    onDuplicate: 'mark',
  });
  const attributes = {
    'bot.id': 'telegram:7',
    'bot.api.method': 'ban',
    'bot.trigger.record_id': trigger,
    'bot.action.arguments_hash': hash,
    ...occurrence.marks,
  };
  const ban = event({ name: 'bot.member.ban', action: 'BAN', outcome: 'unknown' });
  const id = backend.write({ ...ban, attributes: { ...attributes, 'bot.action.stage': 'attempt' } });
  occurrence.recorded(id);
  if (ended !== 'died') {
    occurrence.ended(ended);
    backend.write({
      ...ban,
      outcome: ended,
      attributes: { ...attributes, 'bot.action.stage': 'outcome', 'bot.action.attempt.record_id': id },
    });
  }
  return { occurrence, id };
}

function occurs(backend: Backend, query: OccurrenceQuery): Occurrence {
  const occurrence = backend.occurrence?.(query);
  if (!occurrence) throw new Error('the backend knows of no duplicates');
  return occurrence;
}

const cause = updateKey('telegram:7', '5', 'message') as string;

describe('an update that is delivered twice', () => {
  it('is marked with the first one, counted once, and others are not', async () => {
    const backend = start();
    const first = arrives(backend);
    expect(first.occurrence.marks).toBeUndefined();
    expect(arrives(backend).occurrence.marks).toEqual({ 'bot.duplicate': true, 'bot.duplicate.of': first.id });
    for (const other of [
      { ...UPDATE, 'bot.update.id': '6' },
      { ...UPDATE, 'bot.id': 'telegram:8' },
      { ...UPDATE, 'bot.update.type': 'edited_message' },
    ]) {
      expect(arrives(backend, other).occurrence.marks).toBeUndefined();
    }
    await backend.shutdown();
    expect(counted()).toEqual(['bot.command update 1']);
    const marked = streamsIn(directory)
      .flat()
      .filter(({ attributes }) => attributes['bot.duplicate'] === true);
    expect(marked.map(({ attributes }) => attributes['bot.duplicate.of'])).toEqual([first.id]);
  });

  it('is marked after a restart too, and by another process beside it', async () => {
    const before = start();
    const first = arrives(before);
    const beside = start();
    expect(arrives(beside).occurrence.marks).toEqual({ 'bot.duplicate': true, 'bot.duplicate.of': first.id });
    await before.shutdown();
    await beside.shutdown();
    const after = start();
    expect(arrives(after).occurrence.marks).toEqual({ 'bot.duplicate': true, 'bot.duplicate.of': first.id });
  });

  it('is no duplicate where a handler of it failed: that record tells of the first', async () => {
    const before = start();
    before.write(event({ name: 'bot.handler.error', action: 'EXECUTE', outcome: 'failure', attributes: UPDATE }));
    await before.shutdown();
    expect(arrives(start()).occurrence.marks).toBeUndefined();
  });

  it('is known by ids that have to be escaped', async () => {
    const odd = { ...UPDATE, 'bot.update.id': 'a"b\\' };
    const before = start();
    const { id } = arrives(before, odd);
    await before.shutdown();
    expect(arrives(start(), odd).occurrence.marks).toMatchObject({ 'bot.duplicate.of': id });
  });
});

describe('an action that is carried out again for the same update', () => {
  it.each(['success', 'unknown'] as const)('is marked after %s, also when the update was delivered again', (ended) => {
    const backend = start();
    const { id: trigger } = arrives(backend);
    const first = bans(backend, trigger, cause, ended);
    expect(first.occurrence.marks).toBeUndefined();
    const { id: again } = arrives(backend);
    expect(bans(backend, again, cause, 'success').occurrence.marks).toMatchObject({ 'bot.duplicate.of': first.id });
  });

  it('is none after a refusal, within one run and after a restart', async () => {
    const backend = start();
    const { id: trigger } = arrives(backend);
    bans(backend, trigger, cause, 'failure');
    await backend.shutdown();
    const after = start();
    const { id: again } = arrives(after);
    expect(bans(after, again, cause, 'failure').occurrence.marks).toBeUndefined();
    const done = bans(after, again, cause, 'success');
    expect(done.occurrence.marks).toBeUndefined();
    expect(bans(after, again, cause, 'success').occurrence.marks).toMatchObject({ 'bot.duplicate.of': done.id });
  });

  it('is marked after a restart: the attempt whose process died may have been carried out', async () => {
    const backend = start();
    const { id: trigger } = arrives(backend);
    const first = bans(backend, trigger, cause, 'died');
    await backend.shutdown();
    const after = start();
    const { id: again } = arrives(after);
    expect(bans(after, again, cause, 'success').occurrence.marks).toEqual({
      'bot.duplicate': true,
      'bot.duplicate.of': first.id,
    });
  });

  it('is none where another update asks for it', () => {
    const backend = start();
    const { id: trigger } = arrives(backend);
    bans(backend, trigger, cause, 'success');
    const other = { ...UPDATE, 'bot.update.id': '6' };
    const { id: again } = arrives(backend, other);
    const otherCause = updateKey('telegram:7', '6', 'message') as string;
    expect(bans(backend, again, otherCause, 'success').occurrence.marks).toBeUndefined();
  });
});

describe('what is to happen once', () => {
  const blocked = () => updated({ onDuplicate: 'block' });

  it('is refused the second time, also after a restart and beside it, and what is known of the first is said', async () => {
    const backend = start();
    const first = occurs(backend, blocked());
    expect(first.refused).toBeUndefined();
    first.recorded('r1');
    const beside = start();
    const second = occurs(beside, blocked()).refused as DuplicateActionError;
    expect(second).toBeInstanceOf(DuplicateActionError);
    expect(second).toMatchObject({ code: 'ERR_AUDIT_DUPLICATE_ACTION', event: 'bot.command' });
    expect(second.first).toEqual({ recordId: 'r1', isDone: false, claim: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(second.message).toContain(`botaudit duplicates release ${second.first.claim}`);
    first.ended('success');
    await backend.shutdown();
    await beside.shutdown();
    const third = occurs(start(), blocked()).refused as DuplicateActionError;
    expect(third.message).toBe('bot.command was carried out before (record r1) and is not done again');
  });

  it('may be tried again when it was refused', () => {
    const backend = start();
    occurs(backend, blocked()).ended('failure');
    expect(occurs(backend, blocked()).refused).toBeUndefined();
    expect(occurs(start(), blocked()).refused).toBeInstanceOf(DuplicateActionError);
  });

  it('is refused where it happened before anybody asked for that', async () => {
    const before = start();
    const first = arrives(before);
    await before.shutdown();
    const after = start();
    const { refused } = occurs(after, blocked());
    expect(refused).toMatchObject({ code: 'ERR_AUDIT_DUPLICATE_ACTION', first: { recordId: first.id, isDone: false } });
  });

  it('is refused where nobody can tell: without a folder, a claim, a key, or the same hash in all processes', () => {
    const claimless = start();
    writeFileSync(join(directory, 'claims'), '');
    const unclaimed = occurs(claimless, blocked()).refused as AuditUnavailableError;
    expect(unclaimed).toMatchObject({ code: 'ERR_AUDIT_UNAVAILABLE', passing: true });
    expect(unclaimed.message).toMatch(/^bot\.command is to happen once, and whether it happened before can't be told/);
    expect(said.at(-1)).toMatch(/^bot\.command IS REFUSED \(ENOTDIR\)/);
    rmSync(join(directory, 'claims'));
    expect(occurs(claimless, blocked()).refused).toBeUndefined();

    expect(occurs(claimless, { ...blocked(), key: undefined }).refused).toMatchObject({ passing: false });

    writeFileSync(join(directory, 'arguments.key'), 'none');
    const keyless = start();
    const action = { ...blocked(), kind: 'action', key: actionKey('b', 'c', 'm', 'h') } as const;
    expect(occurs(keyless, action).refused).toMatchObject({ code: 'ERR_AUDIT_UNAVAILABLE' });
  });

  it('is refused while the folder of claims can not be written, unless one is root', (context) => {
    if (process.getuid?.() === 0) context.skip('root may write anywhere');
    const backend = start();
    occurs(backend, updated());
    chmodSync(directory, 0o500);
    expect(occurs(backend, updated({ key: 'other', onDuplicate: 'block' })).refused).toMatchObject({
      code: 'ERR_AUDIT_UNAVAILABLE',
    });
    chmodSync(directory, 0o700);
  });
});
