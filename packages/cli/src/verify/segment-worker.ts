// Reads segments for whoever verifies them, in a thread of its own.
import { parentPort, workerData } from 'node:worker_threads';
import { readRawSegment } from '@botaudit/journal';
import { formOf, lineReader } from '../journal/line-reading.js';
import { LinePacker } from './packed-lines.js';
import { LINES_AT_ONCE, type SegmentBatch, type SegmentTask, type WorkerInput } from './segment-protocol.js';

const { chainOnly, credits } = workerData as WorkerInput;
const available = new Int32Array(credits);
const read = lineReader(chainOnly);
const form = formOf(chainOnly);

parentPort?.on('message', (task: SegmentTask) => {
  const { streamId, directory, segment, end } = task;
  const packer = new LinePacker();
  for (const { text, bytes, path, terminated, defect, reason } of readRawSegment(directory, segment, { form, end })) {
    const place = {
      stream: streamId,
      exclusive: true,
      holds: 'records',
      line: text ?? bytes,
      terminated,
      defect,
    } as const;
    packer.add({ found: { path, terminated, defect, reason }, read: read(place) });
    if (packer.count >= LINES_AT_ONCE) send(task.id, packer, false);
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
