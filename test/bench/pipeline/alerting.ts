// From a misbehaviour to the webhook, with the intervals of collector-config/ as they are.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePorts } from '../../../scripts/stack/ports.ts';
import { AlertStack } from '../../stack/alert-stack.ts';
import { eventually } from '../../support/eventually.ts';
import { fixture } from '../process.ts';
import type { Section } from '../report.ts';
import { showSpread, spread } from '../statistics.ts';

const BOTS = 9;
/** Of collector-config/: `prometheus.yaml`, and the route of pages in `alertmanager.yaml`. */
const SCRAPE_S = 15;
const EVALUATION_S = 15;
const GROUP_WAIT_S = 30;
const MORE_S = 2;
/** In units of 512 bytes. */
const MAX_FILE = 256;

/** Starts a bot that can lose a record. */
function start(folder: string, port: number): ChildProcess {
  const args = ['-c', `ulimit -f ${MAX_FILE}; exec "$0" "$@"`, process.execPath, fixture('losing-bot.mjs')];
  return spawn('/bin/sh', args, {
    env: { PATH: process.env.PATH, BOTAUDIT_DIR: folder, BOTAUDIT_METRICS: `127.0.0.1:${port}` },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
}

/** Has a bot lose a record; returns after how many seconds the webhook was called. */
async function toldAfter(stack: AlertStack, bot: ChildProcess, job: string): Promise<number> {
  bot.send('lose');
  const ended = once(bot, 'exit').then(() => Promise.reject(new Error(`${job} has ended`)));
  const [lost] = (await Promise.race([once(bot, 'message'), ended])) as [number];
  ended.catch(() => {}); // It is ended in the end.
  const { at } = await stack.told('page', 'AuditRecordsLost', { job });
  return (at - lost) / 1_000;
}

export async function alerting(): Promise<Section> {
  const stack = await AlertStack.start({ timesFaster: 1 });
  const bots: ChildProcess[] = [];
  try {
    const ports = await freePorts(BOTS);
    const job = (index: number) => `bot-${index}`;
    for (const [index, port] of ports.entries()) bots.push(start(join(stack.folder, job(index)), port));
    await stack.prometheus.scrape({
      bots: Object.fromEntries(ports.map((port, index) => [job(index), [`127.0.0.1:${port}`]])),
    });
    const scraped = async () => (await stack.prometheus.query('audit_streams')).length === BOTS || undefined;
    await eventually('a first scrape of each', scraped, 90_000);
    // Spread over an interval, so that they meet scrape and evaluation at different times.
    const all = bots.map(async (bot, index) => {
      await wait((index * SCRAPE_S * 1_000) / BOTS);
      return toldAfter(stack, bot, job(index));
    });
    const seconds = spread(await Promise.all(all));
    const limit = SCRAPE_S + EVALUATION_S + GROUP_WAIT_S + MORE_S;
    return {
      title: 'From a misbehaviour to the webhook',
      method:
        `${BOTS} processes, each a deployment of its own, lose a record that the system refuses to write, one after the other within ` +
        `${SCRAPE_S} s. Prometheus and Alertmanager run with \`collector-config/\` as it is: a scrape each ${SCRAPE_S} s, an evaluation each ` +
        `${EVALUATION_S} s, a group wait of ${GROUP_WAIT_S} s for pages. From the call to the webhook's having its notification.`,
      columns: ['alert', 'after, s'],
      rows: [['`AuditRecordsLost`', showSpread(seconds, 1)]],
      goals: [
        {
          promise: `at most scrape + evaluation + group wait + ${MORE_S} s = ${limit} s`,
          measured: `${showSpread(seconds, 1)} s`,
          met: seconds.max <= limit,
        },
      ],
    };
  } finally {
    for (const bot of bots) bot.kill('SIGKILL');
    await stack.stop();
  }
}
