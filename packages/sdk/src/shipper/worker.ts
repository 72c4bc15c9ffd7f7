// The shipper's own thread. Nothing of the bot's runs here, and nothing here runs in the bot's way.
import { workerData } from 'node:worker_threads';
import { MetricRelay } from './metric-relay.js';
import { Shipper } from './shipper.js';
import { loadWire } from './wire.js';
import { ENDED, type FromWorker, RESTS, type ToWorker, type WorkerInput } from './worker-protocol.js';

const { port, slots, ...options } = workerData as WorkerInput;
const tell = (message: FromWorker) => port.postMessage(message);

const metrics = new MetricRelay();
const tellMetrics = () => {
  const changes = metrics.take();
  if (changes.length > 0) tell({ kind: 'metrics', changes, clockOffsetMs: shipper.clockOffsetMs });
};

const shipper = new Shipper(
  {
    ...options,
    metrics,
    mode: 'follow',
    say: (message) => tell({ kind: 'say', message }),
    onHousekeeping: tellMetrics,
    onRest: () => Atomics.store(slots, RESTS, 1),
  },
  await loadWire(options.endpoint.protocol),
);

port.on('message', (message: ToWorker) => {
  if (message.kind === 'ring') shipper.ring();
  else shipper.stop(message.deadlineMs);
});

await shipper.run();
tellMetrics();
Atomics.store(slots, ENDED, 1);
Atomics.notify(slots, ENDED);
port.close();
