// Writes audit records through the real backend, as fast as a very busy bot, on two threads, until it is ended. Tells each
// record whose write has returned on file descriptor 3: thread and id on a line, or `refused` when the backend said so.
import { writeSync } from 'node:fs';
import { isMainThread, threadId, Worker } from 'node:worker_threads';
import { AuditUnavailableError, record, registerBackend } from '@botaudit/api';
import { startBackend } from '@botaudit/sdk';

const REPORT = 3;
const BURST = 20;
const PAUSE_MS = Number(process.env.LOAD_PAUSE_MS ?? 1);
const LARGE_EVERY = 100;
/** Larger than one page and one pipe: a kill in the middle of its write leaves a part of it. */
const LARGE = 'x'.repeat(64 * 1024);

let written = 0;

function write(): string {
  written++;
  try {
    const id = record({
      name: 'payment.transfer',
      action: 'EXECUTE',
      outcome: 'success',
      target: { id: `account:${written}`, type: 'account' },
      attributes: { 'bot.chat.id': 'telegram:-100123456789', 'payment.amount': written / 100 },
      ...(written % LARGE_EVERY === 0 && { body: { statement: LARGE } }),
    });
    return id ?? 'dropped';
  } catch (error) {
    if (error instanceof AuditUnavailableError) return 'refused';
    throw error;
  }
}

function burst(): void {
  for (let count = 0; count < BURST; count++) writeSync(REPORT, `${threadId} ${write()}\n`);
  setTimeout(burst, PAUSE_MS);
}

// Where the size of files is limited, a write beyond it shall fail, as on a full disk; by default it would end the process.
if (isMainThread) process.on('SIGXFSZ', () => undefined);

registerBackend(startBackend());
if (isMainThread) new Worker(new URL(import.meta.url));
burst();
