import {
  type AuditBackend,
  type AuditEvent,
  AuditUnavailableError,
  type BotInfo,
  type Decision,
  DuplicateActionError,
  type EventQuery,
  type FrameworkInfo,
  type Occurrence,
  type OccurrenceQuery,
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
  /** What was asked about, how it ended, and what was seen. */
  readonly occurrences: OccurrenceQuery[] = [];
  readonly ends: string[] = [];
  readonly seen = new Map<string, { readonly recordId?: string | undefined }>();
  /** While set, nobody can tell what happened before. */
  undecided = false;
  /** While set, nothing can be written. */
  unavailable = false;

  decide({ name }: EventQuery): Decision {
    const written = eventDefinition(name)?.written ?? 'outcome';
    return { level: 'metadata', written, failClosed: false, ...this.policy['*'], ...this.policy[name] };
  }

  write(event: AuditEvent, _decision?: Decision): string | undefined {
    if (this.unavailable) throw new AuditUnavailableError('the journal is full');
    if (this.decide(event).level === 'none') return undefined;
    const id = crypto.randomUUID();
    const attributes = Object.entries(event.attributes ?? {}).filter(([, value]) => value !== undefined);
    this.records.push({ ...event, id, attributes: Object.fromEntries(attributes) });
    return id;
  }

  /** Looks at keys alone: marks what it has seen, or refuses it. */
  occurrence(query: OccurrenceQuery): Occurrence {
    this.occurrences.push(query);
    const { key = '', name, onDuplicate } = query;
    const first = this.seen.get(key);
    if (!first) this.seen.set(key, {});
    return {
      marks: first && { 'bot.duplicate': true, ...(first.recordId && { 'bot.duplicate.of': first.recordId }) },
      refused: this.undecided
        ? new AuditUnavailableError('nobody can tell')
        : first && onDuplicate === 'block'
          ? new DuplicateActionError(name, { ...first, isDone: false })
          : undefined,
      recorded: (recordId) => void (first ?? this.seen.set(key, { recordId })),
      ended: (outcome) => {
        this.ends.push(outcome);
        if (outcome === 'failure' && !first) this.seen.delete(key);
      },
    };
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
