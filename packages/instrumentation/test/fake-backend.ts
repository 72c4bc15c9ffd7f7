import {
  type AuditBackend,
  type AuditEvent,
  AuditUnavailableError,
  type BotInfo,
  type Decision,
  type EventQuery,
  type FrameworkInfo,
} from '@botaudit/api';
import { eventDefinition } from '@botaudit/record';

/** A record as the fake keeps it: an event with an id and without undefined members. */
export interface KeptRecord extends AuditEvent {
  readonly id: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** A backend in memory that decides as the catalogue says. */
export class FakeBackend implements AuditBackend {
  readonly self = { id: 'service:test', type: 'service' } as const;
  claimedUserKey: string | undefined;
  readonly records: KeptRecord[] = [];
  readonly frameworks: FrameworkInfo[] = [];
  readonly bots: BotInfo[] = [];
  readonly errors: { source: string; error: unknown }[] = [];
  /** What a policy says otherwise than the catalogue, by event name; `*` is for every event. */
  readonly policy: Record<string, Partial<Decision>> = {};
  /** While set, nothing can be written. */
  unavailable = false;

  decide({ name }: EventQuery): Decision {
    const written = eventDefinition(name)?.written ?? 'outcome';
    return { level: 'metadata', written, failClosed: false, ...this.policy['*'], ...this.policy[name] };
  }

  write(event: AuditEvent): string | undefined {
    if (this.unavailable) throw new AuditUnavailableError('the journal is full');
    if (this.decide(event).level === 'none') return undefined;
    const id = crypto.randomUUID();
    const attributes = Object.entries(event.attributes ?? {}).filter(([, value]) => value !== undefined);
    this.records.push({ ...event, id, attributes: Object.fromEntries(attributes) });
    return id;
  }

  hashArguments(method: string, args: unknown): string {
    return `hash of ${method} ${typeof args}`;
  }

  announceFramework(framework: FrameworkInfo): void {
    this.frameworks.push(framework);
  }

  announceBot(bot: BotInfo): void {
    this.bots.push(bot);
  }

  reportError(source: string, error: unknown): void {
    this.errors.push({ source, error });
  }

  /** The names of the records' events, in order. */
  get names(): string[] {
    return this.records.map((record) => record.name);
  }

  named(name: string): KeptRecord[] {
    return this.records.filter((record) => record.name === name);
  }

  /** The only record of this event. */
  only(name: string): KeptRecord {
    const [first, ...more] = this.named(name);
    if (!first || more.length > 0) throw new Error(`expected one ${name} among: ${this.names.join(', ')}`);
    return first;
  }
}
