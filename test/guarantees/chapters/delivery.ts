import type { Chapter } from '../guarantee.ts';

export const DELIVERY: Chapter = {
  title: 'Receivers and networks fail',
  text: 'Delivery is at least once, under one id for each record: Elasticsearch keeps one document of each, an archive may hold a record more than once.',
  guarantees: [
    {
      id: 'collector-kill',
      fault: 'The collector is killed with `kill -9`, a hundred times, while records flow',
      promise: 'Each record whose `write` had returned in the bot is in Elasticsearch, once, byte for byte.',
      proof: {
        project: 'stack',
        files: ['test/stack/faults/kills.test.ts'],
        only: 'collector killed',
        env: { BOTAUDIT_FAULT_KILLS: '100' },
      },
    },
    {
      id: 'pipeline-kills',
      fault: 'The bot, the indexer or Elasticsearch is killed, three times each',
      promise: 'The same. [The faults of the whole pipeline](pipeline-faults.md) are on a page of their own.',
      proof: {
        project: 'stack',
        files: ['test/stack/faults/kills.test.ts'],
        only: '(bot|indexer|Elasticsearch) killed',
        env: { BOTAUDIT_FAULT_KILLS: '3' },
      },
    },
    {
      id: 'outages',
      fault: 'A part of the pipeline is away, slow, full, or refuses',
      promise:
        'Records wait where they are, and arrive when it is back. The bot feels nothing of it, and the shipper’s memory does not grow with what waits.',
      proof: { project: 'stack', files: ['test/stack/faults/outages.test.ts'] },
    },
    {
      id: 'collector-alone',
      fault: 'The collector is killed with its queue full of what it acknowledged',
      promise: 'What it acknowledged is in its archive when it is back.',
      proof: { project: 'stack', files: ['test/stack/collector.test.ts'] },
    },
    {
      id: 'answers',
      fault:
        'The receiver answers with anything: credentials that expired, redirects, garbage, silence, a word about waiting',
      promise:
        'An answer that says nothing about the records costs time and no record. Credentials are never said, also when the receiver repeats them.',
      proof: { project: 'unit', files: ['packages/sdk/test/shipper/answers.test.ts'] },
    },
    {
      id: 'refusals',
      fault: 'The receiver refuses single records, or requests of a size',
      promise:
        'A request is split until what is refused stands alone. A record is put aside only when the receiver took another one since; it is counted, alerted, and kept.',
      proof: { project: 'unit', files: ['packages/sdk/test/shipper/refusals.test.ts'] },
    },
    {
      id: 'rejected',
      fault: '`botaudit ship --rejected` is killed, stopped or meets another one while it sends again what was refused',
      promise:
        'What was put aside is at the receiver or still put aside; what is refused again stays, with the new reason.',
      proof: { project: 'unit', files: ['packages/sdk/test/shipper/rejected.test.ts'] },
    },
    {
      id: 'pressure',
      fault:
        'The receiver answers late, trickles, swallows connections; credentials run out and come back; clocks jump; versions are mixed',
      promise: 'Everything arrives, and the process ends in time whatever the receiver does.',
      proof: {
        project: 'unit',
        files: ['packages/sdk/test/shipper/pressure.test.ts', 'packages/cli/test/ship-sidecar.test.ts'],
      },
    },
    {
      id: 'shipper-kill',
      fault: 'A process is killed while it ships; the note of what was acknowledged is damaged',
      promise: 'All is shipped by the next one, at least once, under one id.',
      proof: {
        project: 'unit',
        files: ['packages/sdk/test/shipper/worker.test.ts', 'packages/sdk/test/shipper/streams.test.ts'],
        only: 'killed while shipping|not sent again by the next run|does not fit the journal',
      },
    },
    {
      id: 'archive-interrupted',
      fault: 'An archive run is killed, told to stop, or finds the disk full',
      promise: 'The next run goes on where it was; no object is half there, or there twice.',
      proof: { project: 'unit', files: ['packages/cli/test/archive-interrupted.test.ts'] },
    },
    {
      id: 'object-lock',
      fault: 'Somebody with all rights to the bucket deletes or overwrites archived objects',
      promise:
        'Under Object Lock in compliance mode they can’t until its time is over, and what they put on top is found.',
      proof: {
        project: 'stack',
        files: ['test/stack/object-lock.test.ts', 'test/stack/archive-command.test.ts'],
      },
    },
  ],
};
