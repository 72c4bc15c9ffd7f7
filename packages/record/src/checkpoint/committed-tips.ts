import type { Checkpoint, CheckpointTip } from './checkpoint.js';
import type { CheckpointFinding } from './finding.js';

/** A tip, and the number of the checkpoint that committed it. */
interface Committed extends CheckpointTip {
  readonly by: number;
}

interface Stream {
  readonly byEpoch: Map<number, Committed>;
  /** The epoch that it was committed under last. */
  epoch: number;
}

/** What the checkpoints of a sequence committed of each stream: none may take back what an earlier one said. */
export class CommittedTips {
  readonly #oncePerEpoch: boolean;
  readonly #streams = new Map<string, Stream>();
  /** Whether tips have epochs: all of a sequence, or none. */
  #haveEpochs: boolean | undefined;

  /** @param oncePerEpoch whether a stream may be committed only once under each epoch. */
  constructor(oncePerEpoch: boolean) {
    this.#oncePerEpoch = oncePerEpoch;
  }

  /** What is wrong with the tips of the next checkpoint. */
  judge({ seq, tips }: Checkpoint): CheckpointFinding[] {
    const findings: CheckpointFinding[] = [];
    const tell = (defect: 'epoch' | 'tip', severity: 'error' | 'notice', member: string, message: string) => {
      findings.push({ defect, severity, seq, member, message: `checkpoint ${seq}: ${message}` });
    };
    const [first] = tips;
    if (first) {
      const haveEpochs = first.epoch !== undefined;
      this.#haveEpochs ??= haveEpochs;
      if (haveEpochs !== this.#haveEpochs) {
        const what = haveEpochs
          ? 'has epochs, though those before it have none'
          : 'lacks the epochs of those before it';
        tell('epoch', 'error', 'tips[0].epoch', what);
      }
    }
    // Two epochs of one stream in one checkpoint are two steps, one after the other.
    const epochs = new Map<string, number>();
    for (const [index, tip] of tips.entries()) {
      const { stream_id, epoch = 0 } = tip;
      const stream = this.#streams.get(stream_id);
      const before = epochs.get(stream_id) ?? stream?.epoch;
      epochs.set(stream_id, epoch);
      const earlier = stream?.byEpoch.get(epoch);
      const wrong = earlier && this.#takesBack(earlier, tip);
      if (wrong) tell('tip', 'error', `tips[${index}]`, `stream ${stream_id} ${wrong}`);
      if (before !== undefined && before !== epoch) {
        const what = `stream ${stream_id} goes on under epoch ${epoch} after ${before}`;
        tell('epoch', 'notice', `tips[${index}].epoch`, what);
      }
    }
    return findings;
  }

  /** Takes a checkpoint's tips as committed. */
  commit({ seq, tips }: Checkpoint): void {
    for (const tip of tips) {
      const { stream_id, epoch = 0 } = tip;
      const stream = this.#streams.get(stream_id) ?? { byEpoch: new Map(), epoch };
      stream.byEpoch.set(epoch, { ...tip, by: seq });
      stream.epoch = epoch;
      this.#streams.set(stream_id, stream);
    }
  }

  #takesBack(earlier: Committed, tip: CheckpointTip): string | undefined {
    if (this.#oncePerEpoch) return `was committed before, by checkpoint ${earlier.by}, under the same epoch`;
    const isLater = tip.sequence_number > earlier.sequence_number && tip.entry_count > earlier.entry_count;
    if (isLater) return undefined;
    const from = `record ${earlier.sequence_number} (of ${earlier.entry_count}), which checkpoint ${earlier.by} committed`;
    if (tip.sequence_number !== earlier.sequence_number || tip.entry_count !== earlier.entry_count) {
      return `goes back to record ${tip.sequence_number} (of ${tip.entry_count}) from ${from}`;
    }
    if (tip.tip_hash === earlier.tip_hash) return `is committed again, without having gone on from ${from}`;
    return `has another record ${tip.sequence_number} than checkpoint ${earlier.by} committed`;
  }
}
