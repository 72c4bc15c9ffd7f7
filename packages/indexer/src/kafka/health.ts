import type { IndexerMetrics } from '../metrics/metrics.js';
import type { KafkaError } from '../metrics/table.js';
import type { KafkaProblem } from './problem.js';

/** What is done with Kafka: to be a member of the group, to read, to tell the group how far it is. */
export type KafkaActivity = 'join' | 'read' | 'tell';

/** Knows whether records can be read from Kafka, and tells people when that changes. */
export class KafkaHealth {
  readonly #metrics: IndexerMetrics;
  readonly #say: (message: string) => void;
  readonly #troubles = new Map<KafkaActivity, KafkaError>();
  #hasRead = false;

  constructor(metrics: IndexerMetrics, say: (message: string) => void) {
    this.#metrics = metrics;
    this.#say = say;
  }

  get works(): boolean {
    return this.#hasRead && this.#troubles.size === 0;
  }

  failed(activity: KafkaActivity, { kind, reason }: KafkaProblem): void {
    this.#metrics.kafkaFailed(kind);
    const isKnown = this.#troubles.get(activity) === kind;
    this.#troubles.set(activity, kind);
    if (!isKnown) this.#say(`trouble with Kafka (${activity}), which is tried again: ${reason}`);
  }

  succeeded(activity: KafkaActivity): void {
    if (activity === 'read') this.#hasRead = true;
    const wasTroubled = this.#troubles.delete(activity);
    if (!this.works) return;
    this.#metrics.kafkaWorks();
    if (wasTroubled) this.#say('records are read from Kafka again');
  }
}
