import { expect, test } from 'vitest';
import { type Ended, fixture, makeScene, REGISTER, start } from './child.js';

/** Runs a scenario as it is, or under the flag. */
async function run(scenario: string, flag: readonly string[]): Promise<Ended> {
  const scene = await makeScene();
  const child = start({ args: [...flag, fixture('transparency.mjs'), scenario], env: scene.env });
  if (scenario === 'crash') {
    await scene.telegram.awaitPolling(scene.account);
    scene.ada.says(scene.account, '/fail');
  }
  const { code, stdout, stderr } = await child.ended;
  // What differs from scene to scene.
  const masked = (text: string): string =>
    text
      .replaceAll(new URL(scene.telegram.url).port, 'PORT')
      .replaceAll(scene.account.token, 'TOKEN')
      .replaceAll(/\bdate: \d+/g, 'DATE');
  return { code, stdout: masked(stdout), stderr: masked(stderr.replace(/^botaudit: .*\n/gm, '')) };
}

test.each(['values', 'errors', 'order', 'unhandled', 'watched', 'crash'])(
  'an application can not tell the flag from its absence: %s',
  async (scenario) => {
    const [without, with_] = await Promise.all([run(scenario, []), run(scenario, ['--import', REGISTER])]);
    expect(with_.stdout).toBe(without.stdout);
    expect(with_.code).toBe(without.code);
    // Below the first lines stand frames of Node's own, and of what was passed on its way.
    const top = ({ stderr }: Ended) => stderr.split('\n').filter((line) => !line.startsWith('    at '));
    expect(top(with_)).toEqual(top(without));
    expect(without.stdout + without.stderr).not.toBe('');
  },
);
