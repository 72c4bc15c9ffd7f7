// Reads segments for whoever verifies them, in a thread of its own.
import { parentPort, workerData } from 'node:worker_threads';
import { readRawSegment } from '@botaudit/journal';
import { LineReading } from '../journal/line-reading.js';
import { LinePacker, type ReadLine } from './packed-lines.js';
import { LINES_AT_ONCE, type SegmentBatch, type SegmentTask, type WorkerInput } from './segment-protocol.js';

const { chainOnly, credits } = workerData as WorkerInput;
const available = new Int32Array(credits);
const reading = new LineReading(chainOnly);

parentPort?.on('message', (task: SegmentTask) => {
  const { streamId, directory, segment, end } = task;
  const packer = new LinePacker();
  const take = ({ found: { path, terminated, defect, reason }, read }: ReadLine) => {
    packer.add({ found: { path, terminated, defect, reason }, read });
    if (packer.count >= LINES_AT_ONCE) send(task.id, packer, false);
  };
  // What goes on with the chain is for the one to say who has all of it.
  const follow = () => false;
  for (const piece of readRawSegment(directory, segment, { form: reading.form, end })) {
    reading.each(streamId, piece, follow, take);
  }
  send(task.id, packer, true);
});

/** Waits where so much is on its way already that memory would fill up. */
function send(task: number, packer: LinePacker, isLast: boolean): void {
  for (let left = Atomics.load(available, 0); left <= 0; left = Atomics.load(available, 0)) {
    Atomics.wait(available, 0, left);
  }
  Atomics.sub(available, 0, 1);
  parentPort?.postMessage({ task, lines: packer.take(), isLast } satisfies SegmentBatch);
}
