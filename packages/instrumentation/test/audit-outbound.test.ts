import { AuditUnavailableError, activeContext, type TraceIds, withContext } from '@botaudit/api';
import { expect, test } from 'vitest';
import { auditOutbound, type Sent } from '../src/audit-outbound.js';
import { backInContext } from '../src/back-in-context.js';
import { bot, send, useBackend } from './fixture.js';

const backend = useBackend();

/** A client whose `call` is audited as `say` tells, and returns its arguments. */
function newClient(say: (args: readonly unknown[]) => Sent | undefined) {
  class Client {
    async call(...args: unknown[]): Promise<unknown[]> {
      return [this, ...args];
    }
  }
  auditOutbound(Client.prototype, 'call', 'testframework', (_, args) => say(args));
  return new Client();
}

const outbound = { bot, action: send, args: {} };

test('a call is recorded, with its this, arguments and result', async () => {
  const client = newClient(() => ({ outbound }));
  expect(await client.call(1, 2)).toEqual([client, 1, 2]);
  expect(backend.current.names).toEqual(['bot.message.send']);
});

test('what is no action leaves no record, and neither does a call that can not be understood', async () => {
  const client = newClient(([first]) => {
    if (first === 'fail') throw new Error('ours');
    return first === 'nothing' ? undefined : {};
  });
  for (const first of ['nothing', 'noise', 'fail']) expect(await client.call(first)).toEqual([client, first]);
  expect(backend.current.names).toEqual([]);
  expect(backend.current.errors.map(({ source }) => source)).toEqual(['testframework']);
});

test('it can be run with other arguments, by what knows the trace of its record, audited or not', async () => {
  const traces: (TraceIds | undefined)[] = [];
  const client = newClient(([first]) => ({
    outbound: first === 'audited' ? outbound : undefined,
    run: (call, trace) => {
      traces.push(trace);
      return call(['other']);
    },
  }));
  expect(await client.call('audited')).toEqual([client, 'other']);
  expect(await client.call('noise')).toEqual([client, 'other']);
  expect(traces).toEqual([backend.current.records[0]?.trace, undefined]);
});

test('what may not happen unrecorded is refused with a promise, and is not run', async () => {
  const ran: unknown[] = [];
  const client = newClient(() => ({ outbound, run: (call) => ran.push(call()) }));
  backend.current.policy['*'] = { failClosed: true };
  backend.current.unavailable = true;
  await expect(client.call()).rejects.toBeInstanceOf(AuditUnavailableError);
  expect(ran).toEqual([]);
});

test('it runs in the context that it belongs in; where the active one has the same cause, that one stays', () => {
  const [trigger, other] = [{ recordId: () => 'one' }, { recordId: () => 'other' }];
  const context = { trigger, actor: { id: 'testplatform:1', type: 'user' } } as const;
  const active = () => activeContext();
  withContext({ trigger: other }, () => expect(backInContext(context, active)).toBe(context));
  withContext({ trigger: other }, () => expect(backInContext({}, active)?.trigger).toBeUndefined());
  withContext({ trigger: other }, () => expect(backInContext(undefined, active)?.trigger).toBe(other));
  const within = { ...context, actor: { id: 'testplatform:2', type: 'user' } } as const;
  withContext(within, () => expect(backInContext(context, active)).toBe(within));
});
