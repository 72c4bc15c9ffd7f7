import { randomUUID } from 'node:crypto';
import type { OtlpLogs } from './archive.ts';

/** An export request of `count` records, with their ids; each record takes about `bytes`. */
export function exportRequest(count: number, bytes = 500): { readonly ids: string[]; readonly logs: OtlpLogs } {
  const ids = Array.from({ length: count }, () => randomUUID());
  const logRecords = ids.map((id) => ({
    timeUnixNano: '1795478400000123456',
    observedTimeUnixNano: '1795478400000123500',
    eventName: 'bot.message.delete',
    attributes: [
      { key: 'audit.record.id', value: { stringValue: id } },
      { key: 'padding', value: { stringValue: 'x'.repeat(Math.max(0, bytes - 250)) } },
    ],
  }));
  return { ids, logs: { resourceLogs: [{ scopeLogs: [{ scope: { name: 'test' }, logRecords }] }] } };
}

/**
 * Posts records as a shipper does.
 *
 * @returns the status; 0 when the connection failed, so that it is not known whether they were taken.
 */
export async function post(
  url: string,
  logs: OtlpLogs,
  headers: Readonly<Record<string, string>> = {},
): Promise<number> {
  const body = JSON.stringify(logs);
  return fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } }).then(
    async (response) => {
      await response.arrayBuffer();
      return response.status;
    },
    () => 0,
  );
}

export const bearer = (token: string): { readonly authorization: string } => ({ authorization: `Bearer ${token}` });
