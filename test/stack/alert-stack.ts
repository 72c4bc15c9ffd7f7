import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { expect } from 'vitest';
import { Alertmanager, alertmanager, type Receiver } from '../../scripts/stack/parts/alertmanager.ts';
import { Prometheus, type PrometheusOptions, prometheus, type Targets } from '../../scripts/stack/parts/prometheus.ts';
import { readPanelQueries, readRules, withoutVariables } from '../support/alerting.ts';
import { eventually } from '../support/eventually.ts';
import { installed } from './installed.ts';

/** How many times as fast time passes in rules and routes: what takes a quarter of an hour there takes 15 s here. */
const TIMES_FASTER = 60;

/** The heartbeat that goes with it. */
export const HEARTBEAT = { BOTAUDIT_HEARTBEAT_INTERVAL_SECONDS: String(300 / TIMES_FASTER) };

/** An alert as a webhook gets it. */
export interface Notification {
  /** Who was told. */
  readonly receiver: string;
  readonly status: 'firing' | 'resolved';
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Takes what Alertmanager sends, for each receiver at a path of its own. */
class Webhooks {
  readonly notifications: Notification[] = [];
  readonly #server: Server;

  private constructor() {
    this.#server = createServer(async (request, response) => {
      const { alerts } = (await json(request)) as { alerts: Pick<Notification, 'status' | 'labels' | 'annotations'>[] };
      const receiver = request.url?.slice(1) ?? '';
      for (const { status, labels, annotations } of alerts) {
        this.notifications.push({ receiver, status, labels, annotations, at: Date.now() });
      }
      response.end();
    });
  }

  static async listen(): Promise<Webhooks> {
    const webhooks = new Webhooks();
    await new Promise<void>((resolve) => webhooks.#server.listen(0, '127.0.0.1', resolve));
    return webhooks;
  }

  get urls(): Record<Receiver, string> {
    const base = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return { page: `${base}/page`, ticket: `${base}/ticket`, watchdog: `${base}/watchdog` };
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

/** Prometheus, Alertmanager and who is told, with the rules and routes of `collector-config/`. */
export class AlertStack {
  readonly prometheus: Prometheus;
  readonly alertmanager: Alertmanager;
  /** Goes with it. */
  readonly folder: string;
  readonly #webhooks: Webhooks;

  private constructor(folder: string, webhooks: Webhooks, running: Pick<AlertStack, 'prometheus' | 'alertmanager'>) {
    this.folder = folder;
    this.#webhooks = webhooks;
    this.prometheus = running.prometheus;
    this.alertmanager = running.alertmanager;
  }

  /**
   * @param rules files of rules of the operator's own, by name.
   * @param timesFaster default 60. Tries with pauses that grow to half a minute are seen to go on where the window of a
   * rule stays longer than that: at 8.
   */
  static async start({
    rules = {},
    timesFaster = TIMES_FASTER,
  }: Pick<PrometheusOptions, 'rules' | 'timesFaster'> = {}): Promise<AlertStack> {
    const folder = await mkdtemp(join(tmpdir(), 'botaudit-test-'));
    const [own, others] = [join(folder, 'prometheus'), join(folder, 'alertmanager')];
    for (const path of [own, others]) await mkdir(path);
    const webhooks = await Webhooks.listen();
    const manager = await Alertmanager.start({
      installed: await installed(alertmanager),
      folder: others,
      webhooks: webhooks.urls,
      timesFaster,
    });
    const targets: Targets = { alertmanager: { alertmanager: [manager.address] } };
    const server = await Prometheus.start({
      installed: await installed(prometheus),
      folder: own,
      targets,
      rules,
      timesFaster,
    });
    return new AlertStack(folder, webhooks, { prometheus: server, alertmanager: manager });
  }

  /**
   * Waits until somebody has been told of an alert, or that it is over.
   *
   * @param since what was told before does not count; milliseconds since the epoch.
   */
  async told(
    receiver: Receiver,
    alert: string,
    labels: Readonly<Record<string, string>>,
    { status = 'firing', since = 0 }: { status?: Notification['status']; since?: number } = {},
  ): Promise<Notification> {
    const isIt = (one: Notification) => one.receiver === receiver && one.status === status && one.at >= since;
    const look = () => this.toldOf(alert, labels).find(isIt);
    return eventually(`${alert} ${status} at ${receiver}`, look, 150_000);
  }

  /** Who has been told of an alert so far. */
  toldOf(alert: string, labels: Readonly<Record<string, string>>): Notification[] {
    return this.#webhooks.notifications.filter((one) => includes(one.labels, { alertname: alert, ...labels }));
  }

  /** Waits until Alertmanager has an alert that it tells nobody of, because of another one. */
  async inhibited(alert: string, labels: Readonly<Record<string, string>>): Promise<void> {
    await eventually(`${alert} inhibited`, async () => {
      const alerts = (await (await fetch(`http://${this.alertmanager.address}/api/v2/alerts`)).json()) as {
        readonly labels: Readonly<Record<string, string>>;
        readonly status: { readonly inhibitedBy: readonly string[] };
      }[];
      const found = alerts.find((one) => includes(one.labels, { alertname: alert, ...labels }));
      return (found && found.status.inhibitedBy.length > 0) || undefined;
    });
  }

  /**
   * Runs each expression of the rules and of the dashboards.
   *
   * @param wanted whether an expression must give something, by the series that it names.
   * @throws when one can't be run.
   */
  async runExpressions(wanted: (expression: string) => boolean): Promise<{ run: number; empty: string[] }> {
    const { recordings } = await readRules();
    const shown = (await readPanelQueries()).map(({ expr }) => withoutVariables(expr));
    // Those of recording rules are run by Prometheus; what they gave is looked at.
    const expressions = [...recordings.map(({ record }) => record), ...shown];
    const empty: string[] = [];
    for (const expression of expressions) {
      if ((await this.prometheus.query(expression)).length === 0 && wanted(expression)) empty.push(expression);
    }
    expect(await this.#failedRules()).toEqual([]);
    return { run: expressions.length, empty };
  }

  /** Rules that Prometheus could not evaluate. */
  async #failedRules(): Promise<string[]> {
    const answer = (await (await fetch(`${this.prometheus.url}/api/v1/rules`)).json()) as {
      data: { groups: { rules: { name: string; health: string; lastError?: string }[] }[] };
    };
    return answer.data.groups
      .flatMap(({ rules }) => rules)
      .filter(({ health }) => health !== 'ok')
      .map(({ name, health, lastError }) => `${name}: ${health} ${lastError ?? ''}`);
  }

  async stop(): Promise<void> {
    await this.prometheus.stop();
    await this.alertmanager.stop();
    this.#webhooks.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

function includes(labels: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>>): boolean {
  return Object.entries(wanted).every(([name, value]) => labels[name] === value);
}
