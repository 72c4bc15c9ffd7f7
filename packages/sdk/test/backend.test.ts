import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Backend } from '../src/index.js';
import { names, onlyStreamIn, recordsIn } from './journal-of.js';
import { directory, event, recordOf, said, start } from './running-backend.js';

describe('the configuration', () => {
  it('that is wrong is on record when the bot runs on all the same', async () => {
    const backend = start({ BOTAUDIT_ON_ERROR: 'continue', BOTAUDIT_MAX_BYTES: 'lots' });
    backend.write(event());
    await backend.shutdown();
    const records = onlyStreamIn(directory);
    expect(names(records)).toEqual([
      'audit.stream.opened',
      'audit.config.invalid',
      'bot.message.send',
      'audit.stream.closed',
    ]);
    expect(records[1]?.body).toEqual({
      policy_hash: records[0]?.body?.policy_hash,
      problems: [expect.stringContaining('BOTAUDIT_MAX_BYTES: wrong value "lots"')],
    });
    expect(said[0]).toContain('THE CONFIGURATION IS WRONG');
  });

  it('may switch auditing off, which is said', () => {
    const backend = start({ BOTAUDIT_DISABLED: '1' });
    backend.announceFramework({ name: 'grammy', version: '1', supported: true });
    expect(backend.decide({ name: 'bot.member.ban' })).toEqual({ level: 'none', written: 'never', failClosed: false });
    expect(backend.write(event())).toBeUndefined();
    expect(backend.hashArguments('x', {})).toBeUndefined();
    expect(said).toEqual(['auditing is switched off, nothing is recorded']);
    expect(readdirSync(directory)).toEqual([]);
  });

  it('warns of a variable that means nothing', () => {
    start({ BOTAUDIT_DURABILTY: 'memory' });
    expect(said).toEqual(['BOTAUDIT_DURABILTY means nothing here; did you mean BOTAUDIT_DURABILITY?']);
  });
});

describe('the hash of arguments', () => {
  const args = { chat_id: -1001, user_id: 99, permissions: { can_send: false } };

  it('tells equal from different, whatever the order of members', () => {
    const backend = start();
    const hash = backend.hashArguments('banChatMember', args);
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(
      backend.hashArguments('banChatMember', { permissions: { can_send: false }, user_id: 99, chat_id: -1001 }),
    ).toBe(hash);
    expect(backend.hashArguments('banChatMember', { ...args, user_id: 98 })).not.toBe(hash);
    expect(backend.hashArguments('unbanChatMember', args)).not.toBe(hash);
  });

  it('is the same for all processes of a folder, and another in another', () => {
    const hash = start().hashArguments('x', args);
    expect(start().hashArguments('x', args)).toBe(hash);
    expect(start({ BOTAUDIT_DIR: join(directory, 'other') }).hashArguments('x', args)).not.toBe(hash);
    expect(statSync(join(directory, 'arguments.key')).mode & 0o777).toBe(0o600);
    expect(readdirSync(directory).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('is made with a key for this run where the kept one is damaged, which is said', () => {
    writeFileSync(join(directory, 'arguments.key'), 'short');
    const backend = start();
    expect(backend.hashArguments('x', args)).toBe(backend.hashArguments('x', args));
    expect(said).toEqual([expect.stringContaining('arguments.key: is not a key')]);
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['bytes', Buffer.from('abc')],
    ['half a character', '\ud800'],
  ])('never throws: %s', (_, value) => {
    expect(start().hashArguments('\ud800', value)).toMatch(/^[0-9a-f]{64}$/);
  });

  it.each<[string, (file: string) => unknown]>([
    [
      'a cycle',
      (file) => {
        const a: unknown[] = [file];
        a.push(a);
        return a;
      },
    ],
    ['a member that throws', (file) => ({ file: { toJSON: () => raise(file) } })],
    ['too deep a nesting', (file) => Array.from({ length: 20 }).reduce((inner) => [inner], file)],
    ['too many values', (file) => [...new Array(70_000).fill(0), file]],
  ])('is none where different arguments could look alike: %s', (_, of) => {
    const backend = start();
    expect([of('a'), of('b')].map((each) => backend.hashArguments('sendDocument', each))).toEqual([
      undefined,
      undefined,
    ]);
  });
});

function raise(message: string): never {
  throw new Error(message);
}

describe('measurements', () => {
  async function metricsOf(backend: Backend) {
    await backend.shutdown();
    const [stream] = readdirSync(join(directory, 'streams'));
    const { metrics } = JSON.parse(readFileSync(join(directory, 'streams', stream as string, 'metrics.json'), 'utf8'));
    return (name: string) =>
      (metrics as { name: string; values: { value: number; labels: object }[] }[]).find((each) => each.name === name)
        ?.values ?? [];
  }

  it('count events, but attempts not, and events of no catalogue as other', async () => {
    const backend = start();
    const attributes = { 'bot.id': 'telegram:7', 'bot.framework': 'grammy' };
    backend.write(
      event({
        name: 'bot.member.ban',
        action: 'BAN',
        outcome: 'unknown',
        attributes: { ...attributes, 'bot.action.stage': 'attempt' },
      }),
    );
    backend.write(
      event({ name: 'bot.member.ban', action: 'BAN', attributes: { ...attributes, 'bot.action.stage': 'outcome' } }),
    );
    backend.write(event({ name: 'payment.transfer', action: 'TRANSFER' }));
    const of = await metricsOf(backend);
    expect(of('audit_events_total')).toEqual([
      {
        value: 1,
        labels: { ...labels('telegram:7', 'grammy'), event: 'bot.member.ban', action: 'BAN', outcome: 'success' },
      },
      { value: 1, labels: { ...labels('', ''), event: 'other', action: 'TRANSFER', outcome: 'success' } },
    ]);
    // Five, and a checkpoint after the first and the last.
    expect(of('audit_records_emitted_total')).toEqual([{ value: 7, labels: {} }]);
    expect(of('audit_append_duration_seconds').at(-1)).toMatchObject({ value: 5 });
  });
  const labels = (id: string, framework: string) => ({ bot_id: id, framework });

  it('count errors of ours that were kept from the bot, which are said once', async () => {
    const backend = start();
    backend.write(event());
    for (let index = 0; index < 3; index++)
      backend.reportError('grammy', new TypeError('token 123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0'));
    backend.announceFramework({ name: 'grammy', version: '2.0.0', supported: false });
    const of = await metricsOf(backend);
    expect(of('audit_instrumentation_errors_total')).toEqual([{ value: 3, labels: { source: 'grammy' } }]);
    expect(of('audit_instrumented_frameworks')).toEqual([
      { value: 1, labels: { framework: 'grammy', version: '2.0.0', supported: 'false' } },
    ]);
    expect(said.filter((line) => line.includes('kept from the bot'))).toHaveLength(1);
    expect(said.join()).not.toContain('AAHdqTcv');
    expect(said.join()).toContain('grammy 2.0.0 is not among the supported versions');
  });
});

it('keeps the journal from everybody else', async () => {
  await recordOf({});
  const modes = readdirSync(directory, { recursive: true, withFileTypes: true }).map((each) => {
    const { mode } = statSync(join(each.parentPath, each.name));
    return [each.isDirectory(), (mode & 0o777).toString(8)];
  });
  expect(new Set(modes.map(String))).toEqual(new Set(['true,700', 'false,600']));
  expect(recordsIn(join(directory, 'streams', readdirSync(join(directory, 'streams'))[0] as string))).toHaveLength(3);
});
