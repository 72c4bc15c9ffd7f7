import { type Ids, secret } from './ids.ts';
import type { SlackUser, SlackWorkspace } from './workspace.ts';

/** An app in a workspace, or in all of an organization. */
export interface Installation {
  readonly workspace: SlackWorkspace;
  readonly forOrganization: boolean;
  readonly botToken: string;
  readonly bot: SlackUser;
}

/** An app, as its page at Slack shows it. */
export class SlackApp {
  readonly id: string;
  readonly name: string;
  readonly signingSecret = secret();
  readonly clientId: string;
  readonly clientSecret = secret();
  readonly verificationToken = secret();
  readonly appToken: string;
  readonly installations: Installation[] = [];
  /** Where Slack sends what happens, for apps without Socket Mode. */
  requestUrl: string | undefined;
  /** Codes that can be changed for a token, with the workspace that they are of. */
  readonly codes = new Map<string, { readonly workspace: SlackWorkspace; readonly forOrganization: boolean }>();
  readonly #ids: Ids;

  constructor(ids: Ids, name: string) {
    this.#ids = ids;
    this.name = name;
    this.id = ids.next('A');
    this.clientId = `${Date.now()}.${this.id.slice(1)}`;
    this.appToken = secret(`xapp-1-${this.id}-`);
  }

  install(workspace: SlackWorkspace, forOrganization = false): Installation {
    const installed = this.installations.find((one) => one.workspace === workspace);
    if (installed) return installed;
    const bot = workspace.addUser(this.name, this.#ids.next('B'));
    const installation = { workspace, forOrganization, botToken: secret('xoxb-'), bot };
    this.installations.push(installation);
    return installation;
  }

  /** Where it is installed first. */
  get home(): Installation {
    const [home] = this.installations;
    if (!home) throw new Error(`${this.name} is not installed`);
    return home;
  }

  in(workspace: SlackWorkspace): Installation | undefined {
    return this.installations.find((one) => one.workspace === workspace);
  }

  /** A code that somebody who installs the app brings back from Slack. */
  issueCode(workspace: SlackWorkspace, forOrganization = false): string {
    const code = secret();
    this.codes.set(code, { workspace, forOrganization });
    return code;
  }
}
