// Writes audit records through the real backend at a steady rate, and tells its parent each second how far it is and what
// it takes. Its records are numbered in their target: a receiver sees what is missing.
import { readdirSync, readFileSync } from 'node:fs';
import { record, registerBackend } from '@botaudit/api';
import { startBackend } from '@botaudit/sdk';
import type { BotTells } from './bots.ts';

const NAME = process.env.SOAK_BOT ?? '';
const RATE = Number(process.env.SOAK_RATE);
const TICK_MS = 50;
const TELL_MS = 1_000;

const backend = startBackend();
registerBackend(backend);
const started = performance.now();
let written = 0;
let isEnding = false;

function write(): void {
  const due = Math.floor(((performance.now() - started) / 1_000) * RATE);
  while (written < due) {
    record({
      name: 'payment.transfer',
      action: 'EXECUTE',
      outcome: 'success',
      target: { id: `${NAME}:${written + 1}`, type: 'account' },
      attributes: { 'bot.chat.id': 'telegram:-100123456789', 'payment.amount': written / 100 },
    });
    written++;
  }
}

function tell(): void {
  const { rss, heapUsed } = process.memoryUsage();
  const descriptors = readdirSync('/proc/self/fd').length;
  const threads = Number(/^Threads:\s*(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
  process.send?.({ written, rss, heapUsed, descriptors, threads } satisfies BotTells);
}

setInterval(() => {
  if (!isEnding) write();
}, TICK_MS);
setInterval(tell, TELL_MS);
process.on('SIGTERM', () => {
  isEnding = true;
  tell();
  void backend.shutdown().then(() => process.exit(0));
});
