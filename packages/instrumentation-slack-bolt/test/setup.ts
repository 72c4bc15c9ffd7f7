import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { registerBackend, unregisterBackend } from '@botaudit/api';
import { patchLoadedFiles } from '@botaudit/instrumentation';
import * as bolt from '@slack/bolt';
import { WebClient, type WebClientOptions } from '@slack/web-api';
import { afterEach, beforeEach, onTestFinished } from 'vitest';
import { SlackServer } from '../../../test/platforms/slack/index.ts';
import { FakeBackend, type KeptRecord } from '../../instrumentation/test/fake-backend.js';
import { SLACK_BOLT_MODULES } from '../src/modules.js';

const require = createRequire(import.meta.url);

/** Where a module is installed. */
function folderOf(name: string): string {
  return dirname(dirname(require.resolve(name)));
}

/** Audits what is loaded of Bolt and its client, as the preload flag does. */
export function audit(): void {
  for (const audited of SLACK_BOLT_MODULES) patchLoadedFiles(audited, folderOf(audited.module), require.cache);
}

audit();

/** Files of Bolt and its client that nobody has touched, loaded anew. */
export function freshBolt(): typeof bolt {
  const folders = SLACK_BOLT_MODULES.map(({ module }) => join(folderOf(module), 'dist'));
  for (const path of Object.keys(require.cache)) {
    if (folders.some((folder) => path.startsWith(folder))) delete require.cache[path];
  }
  return require('@slack/bolt');
}

const FAST: WebClientOptions['retryConfig'] = { retries: 3, factor: 1, minTimeout: 1, maxTimeout: 2 };

/** A Slack with an app in a channel with two people; an audit backend in memory. */
class Stage {
  readonly slack: SlackServer;
  readonly backend: FakeBackend;
  readonly account;
  readonly alice;
  readonly bob;
  readonly channel;

  constructor(slack: SlackServer, backend: FakeBackend) {
    this.slack = slack;
    this.backend = backend;
    this.account = slack.addApp('Moderator');
    this.alice = slack.addPerson('Alice');
    this.bob = slack.addPerson('Bob');
    this.channel = slack.addChannel('general', [this.alice, this.bob, this.account.home.bot]);
  }

  get clientOptions(): WebClientOptions {
    return { slackApiUrl: this.slack.apiUrl, ...(FAST && { retryConfig: FAST }) };
  }

  /** A client that no app of Bolt's has made. */
  client(options: WebClientOptions = {}): WebClient {
    return new WebClient(this.account.home.botToken, { ...this.clientOptions, ...options });
  }

  /** An app of Bolt's with the account's token, unless it gets another. */
  app(options: bolt.AppOptions = {}, { App } = bolt): bolt.App {
    const who = options.authorize || options.clientId ? {} : { token: this.account.home.botToken };
    return new App({
      ...who,
      signingSecret: this.account.signingSecret,
      clientOptions: this.clientOptions,
      logLevel: bolt.LogLevel.ERROR,
      ...options,
    });
  }

  /** Has an app listen, and Slack know where; it ends with the test. */
  async listen(app: bolt.App): Promise<bolt.App> {
    const server = (await app.start({ port: 0, host: '127.0.0.1' } as never)) as unknown as { address(): AddressInfo };
    onTestFinished(() =>
      app.stop().then(
        () => undefined,
        () => undefined,
      ),
    );
    await this.slack.verifyUrl(this.account, `http://127.0.0.1:${server.address().port}/slack/events`);
    return app;
  }

  /** The records but those of apps' lives. */
  get done(): KeptRecord[] {
    return this.backend.records.filter(({ name }) => !/^bot\.(started|stopping|stopped)$/.test(name));
  }

  get told(): string[] {
    return this.done.map(({ name }) => name);
  }

  /** Waits until the records of this event are as many as wanted. */
  async records(name: string, count = 1): Promise<KeptRecord[]> {
    const found = () => this.backend.named(name);
    await this.slack.until(() => found().length >= count, { what: `${count} of ${name} among ${this.backend.names}` });
    return found();
  }
}

/** A fresh stage for every test of the file that calls this. */
export function useStage(): { readonly current: Stage } {
  const holder = {} as { current: Stage };
  beforeEach(async () => {
    const backend = new FakeBackend();
    registerBackend(backend);
    const slack = await SlackServer.start();
    const write = backend.write.bind(backend);
    backend.write = (event) => {
      const id = write(event);
      slack.notify();
      return id;
    };
    holder.current = new Stage(slack, backend);
  });
  afterEach(async () => {
    unregisterBackend();
    await holder.current.slack.stop();
  });
  return holder;
}
