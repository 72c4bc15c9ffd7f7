import type { Chapter } from '../guarantee.ts';

export const TIME: Chapter = {
  title: 'Auditing itself stops working',
  text: 'What nobody notices for weeks is the worst fault of an audit log.',
  guarantees: [
    {
      id: 'doctor',
      fault: 'A leg of the way from the bot to the receiver is broken',
      promise:
        '`botaudit doctor` sends a record the whole way and names the leg, the reason and the next step; with `--every` it does so as a service, with metrics and an alert.',
      proof: {
        project: 'unit',
        files: ['packages/cli/test/doctor.test.ts', 'packages/cli/test/doctor-service.test.ts'],
      },
    },
    {
      id: 'alerts',
      fault: 'Records are lost, refused, unsynced, not shipped, not found again, or nothing is audited at all',
      promise: 'An alert fires, in a real Prometheus and Alertmanager, and says what to do.',
      proof: {
        project: 'stack',
        files: ['test/stack/rules.test.ts', 'test/stack/alerts-bots.test.ts', 'test/stack/alerts-canary.test.ts'],
      },
    },
    {
      id: 'clocks',
      fault: 'The clock stands in 1970 or 2100, or jumps',
      promise: 'Records keep their order by the chain, and nothing is taken over, removed or left behind for it.',
      proof: { project: 'unit', files: ['packages/sdk/test/backend-clock.test.ts'] },
    },
  ],
};
