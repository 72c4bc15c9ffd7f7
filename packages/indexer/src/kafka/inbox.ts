import { isUtf8 } from 'node:buffer';
import type { Acceptance, Intake, Sender } from '../intake.js';
import type { IndexerMetrics } from '../metrics/metrics.js';
import { visitJson } from '../otlp/json.js';
import { visitProtobuf } from '../otlp/protobuf.js';
import { NotOtlpError } from '../otlp/received.js';
import { Senders } from '../senders.js';
import type { KafkaOptions } from './options.js';

/** A message as the client gives it. */
export interface KafkaMessage {
  readonly value: Buffer | null;
  readonly headers: readonly (readonly [Buffer | null, Buffer | null])[];
}

/** What an export request in JSON begins with, and none in protobuf. */
const BRACE = 0x7b;
/** A name is a label of metrics, and a keyword. */
const MAX_PRINCIPAL_LENGTH = 200;

/** Hands what messages hold to the intake. A message that holds no records is kept as what was refused. */
export class Inbox {
  readonly #intake: Intake;
  readonly #metrics: IndexerMetrics;
  readonly #options: KafkaOptions;
  readonly #senders: Senders;

  constructor(intake: Intake, metrics: IndexerMetrics, options: KafkaOptions) {
    this.#intake = intake;
    this.#metrics = metrics;
    this.#options = options;
    // Whoever may write to the topic writes for all services, as long as nobody says otherwise.
    this.#senders = new Senders({ [options.principal]: '*', ...options.services });
  }

  /** Takes a message. It never throws: what can't be read must not hold up what comes after it. */
  take({ value, headers }: KafkaMessage): Acceptance {
    const sender = this.#sender(headers);
    try {
      if (value === null) throw new NotOtlpError('a message without a value');
      const visitAll = value[0] === BRACE ? visitJson : visitProtobuf;
      const acceptance = this.#intake.accept(sender, (visit) => visitAll(value, visit));
      this.#metrics.kafkaMessage('taken');
      return acceptance;
    } catch (error) {
      this.#metrics.kafkaMessage('malformed');
      const { message } = error as Error;
      const type = error instanceof NotOtlpError ? 'not_otlp' : 'not_understood';
      return this.#intake.refuse(sender, { type, reason: message, original: textOf(value) });
    }
  }

  #sender(headers: KafkaMessage['headers']): Sender {
    const { principal, principalHeader } = this.#options;
    if (principalHeader === undefined) return this.#senders.of(principal);
    const value = headers.find(([name]) => name?.toString('utf8') === principalHeader)?.[1];
    const named = value?.toString('utf8').slice(0, MAX_PRINCIPAL_LENGTH).toWellFormed();
    return this.#senders.of(named || principal);
  }
}

/** All of it: as it is when it is text, else in base64. */
function textOf(value: Buffer | null): string {
  if (value === null) return '';
  return value[0] === BRACE && isUtf8(value) ? value.toString('utf8') : value.toString('base64');
}
