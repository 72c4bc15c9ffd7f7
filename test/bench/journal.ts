import { startBackend } from '@botaudit/sdk';

/** Writes a journal of `count` records of a usual size into `directory`, by the real backend. A second one adds a stream. */
export async function makeJournal(directory: string, count: number, env: NodeJS.ProcessEnv = {}): Promise<void> {
  const backend = startBackend({
    env: {
      BOTAUDIT_DIR: directory,
      BOTAUDIT_METRICS: 'off',
      BOTAUDIT_DURABILITY: 'process',
      BOTAUDIT_MAX_BYTES: String(8 * 2 ** 30),
      ...env,
    },
    cwd: directory,
  });
  for (let index = 0; index < count; index++) {
    backend.write({
      name: 'bot.message.send',
      action: 'SEND',
      outcome: 'success',
      actor: { id: `telegram:${index % 1_000}`, type: 'user' },
      target: { id: `telegram:-100123456789/${index}`, type: 'message' },
      attributes: {
        'bot.id': 'telegram:7',
        'bot.platform': 'telegram',
        'bot.framework': 'grammy',
        'bot.api.method': 'sendMessage',
      },
    });
    if (index % 2_000 === 0) await new Promise(setImmediate);
  }
  await backend.shutdown();
}
