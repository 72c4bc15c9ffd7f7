import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { botaudit, linesOf } from './support/botaudit.js';
import { folder, hashHere, policy, usePolicyFolder, write } from './support/policy-folder.js';

usePolicyFolder();

describe('policy check', () => {
  test('says that a file is right, with the hash by which records name the policy', async () => {
    write(['{ risk: high, fail_closed: true }']);
    expect(await policy('check')).toMatchObject({
      code: 0,
      stdout: `right: 1 rule, 0 warnings; hash ${hashHere()}\n`,
      stderr: '',
    });
    const { stdout } = await policy('check', '--json');
    expect(JSON.parse(stdout)).toEqual({
      file: join(folder, 'botaudit.yaml'),
      right: true,
      hash: hashHere(),
      rules: [
        { key: 'policy.rules[0]', file: join(folder, 'botaudit.yaml'), line: 3, risk: ['high'], fail_closed: true },
      ],
      problems: [],
      warnings: [],
    });
  });

  test('tells what stops the start, by line, and ends with 1', async () => {
    const file = write(['{ event: bot.member.ban, written: receipt }', '{ evnt: x }'], 'other.yaml');
    const { code, stdout, stderr } = await policy('check', file);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    const [first, second, last] = linesOf(stdout);
    expect(first).toMatch(/^other\.yaml:3: policy\.rules\[0\]\.written: receipt does not go with bot\.member\.ban/);
    expect(second).toMatch(/^other\.yaml:4: policy\.rules\[1\]\.evnt: unknown key, did you mean event\?/);
    expect(last).toBe('wrong: 2 problems; a bot does not start with it');
    const json = await policy('check', '--config', file, '--json');
    expect(json.code).toBe(1);
    expect(JSON.parse(json.stdout)).toMatchObject({
      right: false,
      problems: [{ file, line: 3, key: 'policy.rules[0].written', allowed: expect.any(String) }, { line: 4 }],
    });
  });

  test('tells what is warned of, and also what is wrong with the rest of the file', async () => {
    write(['{ risk: high, level: none }']);
    const { code, stdout } = await policy('check');
    expect(code).toBe(0);
    expect(linesOf(stdout)[0]).toMatch(/^botaudit\.yaml:3: policy\.rules\[0\]: HIGH-RISK .* \(warning\)$/);
    const file = join(folder, 'b.yaml');
    writeFileSync(file, 'journal:\n  max_byte: 1\n');
    expect(linesOf((await policy('check', 'b.yaml')).stdout)[0]).toMatch(/^b\.yaml:2: journal\.max_byte: unknown key/);
  });

  test('shows the rules in force in their order, and what the preset sets where the file is silent, with reasons', async () => {
    const file = join(folder, 'botaudit.yaml');
    writeFileSync(
      file,
      'journal: { max_age_seconds: 60 }\npolicy:\n  preset: gdpr\n  rules:\n    - { event: bot.member.ban, fail_closed: true }\n',
    );
    const { code, stdout } = await policy('check', '--show');
    expect(code).toBe(0);
    const lines = linesOf(stdout).map((line) => line.replaceAll(/ {2,}/g, ' '));
    expect(lines[0]).toBe('policy.rules[0], botaudit.yaml:5 event: bot.member.ban; fail_closed: true');
    expect(lines[1]).toMatch(/^preset gdpr, rules\[0\] risk: medium, high; level: metadata Art\. 5\(2\)/);
    expect(lines.at(-4)).toBe('catalogue everything else, as the catalogue of events says');
    expect(lines.at(-3)).toMatch(/^preset gdpr journal\.keep_acknowledged_seconds: 86400 Art\. 5\(1\)\(c\)/);
    expect(lines.at(-2)).toMatch(/^preset gdpr protection\.detect: email, phone, iban, payment_card, ip ./);
    expect(lines.at(-1)).toMatch(/^right: 5 rules, 0 warnings/);
    expect(JSON.parse((await policy('check', '--show', '--json')).stdout)).toMatchObject({
      preset: 'gdpr',
      rules: [{ line: 5 }, { key: 'preset gdpr, rules[0]' }, {}, {}, {}],
      settings: [{ key: 'journal.keep_acknowledged_seconds', value: 86_400 }, { key: 'protection.detect' }],
    });
    expect((await policy('explain', 'bot.message.react')).stdout).toContain('rule       preset gdpr, rules[2]\n');
  });

  test('is no less strict where a bot would go on with what is wrong', async () => {
    const file = write(['{ evnt: x }']);
    for (const env of [{ BOTAUDIT_ON_ERROR: 'continue' }, { BOTAUDIT_DISABLED: '1' }]) {
      expect((await botaudit(['policy', 'check', file], { env })).code).toBe(1);
    }
  });

  test('ends with 2 where there is no such file, and with 1 where it is no YAML', async () => {
    expect(await policy('check')).toMatchObject({
      code: 2,
      stdout: '',
      stderr: `botaudit: ${join(folder, 'botaudit.yaml')} does not exist; name the file to be checked\n`,
    });
    writeFileSync(join(folder, 'bad.yaml'), '{');
    const { code, stdout } = await policy('check', 'bad.yaml');
    expect(code).toBe(1);
    expect(stdout).toMatch(/^bad\.yaml:\d: is not valid YAML/);
  });
});
