import { formatProblem } from '@botaudit/config';
import { CATALOGUE, eventDefinition } from '@botaudit/record';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CONFIG_OPTIONS, loadSettings, PRESETS, type PresetName } from '../src/index.js';
import { Policy } from '../src/policy/policy.js';
import { policyWarnings } from '../src/policy/policy-warnings.js';
import { ruleProblems } from '../src/policy/rule-problems.js';
import { ConfigFolder } from './config-folder.js';

let folder: ConfigFolder;
beforeEach(() => {
  folder = new ConfigFolder();
});
afterEach(() => folder.remove());

const names = Object.keys(PRESETS) as PresetName[];
const EVENTS = Object.keys(CATALOGUE);
const isHigh = (name: string) => eventDefinition(name)?.risk === 'high';
const policyOf = (yaml: string) => {
  folder.write(yaml);
  return new Policy(folder.load().policy.rules);
};
const ofPreset = (name: PresetName) => policyOf(`policy:\n  preset: ${name}\n`);

describe.each(names)('the preset %s', (name) => {
  it('is right, nothing in it is warned of, and each of its rules decides something', () => {
    const policy = ofPreset(name);
    expect(policy.rules).toHaveLength(PRESETS[name].rules.length);
    expect(policy.rules.flatMap((rule) => ruleProblems(rule, () => ({})))).toEqual([]);
    expect(policyWarnings(policy).map(formatProblem)).toEqual([]);
    const decides = new Set(EVENTS.map((event) => policy.explain({ name: event }).rule).filter(Boolean));
    expect([...decides]).toHaveLength(policy.rules.length);
  });

  it('leaves out nothing of high risk, and lets nothing fail closed that nobody asked for', () => {
    const policy = ofPreset(name);
    expect(policy.failsClosed).toBe(false);
    for (const event of EVENTS.filter(isHigh)) {
      expect(policy.decide(event, undefined, undefined)).toMatchObject({
        level: 'metadata',
        written: 'attempt-and-outcome',
        failClosed: false,
      });
    }
  });

  it('gives a reason for each rule and each setting, and sets options that there are', () => {
    const { rules, settings } = PRESETS[name];
    for (const { because } of [...rules, ...Object.values(settings)]) expect(because).not.toBe('');
    const keys = CONFIG_OPTIONS.map(({ key }) => key);
    expect(Object.keys(settings).filter((key) => !keys.includes(key) || key.startsWith('policy.'))).toEqual([]);
    folder.write(`policy:\n  preset: ${name}\n`);
    const taken = loadSettings({ env: {}, cwd: folder.path }).settings.filter(({ isOfPreset }) => isOfPreset);
    expect(taken.map(({ key, value }) => [key, value]).sort()).toEqual(
      Object.entries(settings)
        .map(([key, { value }]) => [key, value])
        .sort(),
    );
  });
});

describe('a preset', () => {
  const file = `policy:
  preset: gdpr
  rules:
    - { event: bot.member.ban, fail_closed: true }
    - { event: [bot.command, bot.callback, bot.event], written: receipt }
`;

  it('comes after the rules of the file, and may be left nothing to decide by them', () => {
    const policy = policyOf(file);
    expect(policy.decide('bot.member.ban', undefined, undefined).failClosed).toBe(true);
    expect(policy.decide('bot.command', undefined, undefined).written).toBe('receipt');
    expect(policy.decide('bot.message.react', undefined, undefined).level).toBe('none');
    expect(policy.explain({ name: 'bot.command' }).rule?.place).toMatchObject({ key: 'policy.rules[1]', line: 5 });
    expect(policy.explain({ name: 'bot.message.react' }).rule?.place).toEqual({ key: 'preset gdpr, rules[2]' });
    expect(policyWarnings(policy)).toEqual([]);
  });

  it('sets only what neither the file nor the environment sets', () => {
    folder.write(`journal:\n  keep_acknowledged_seconds: 60\n${file}`);
    expect(folder.load().journal).toMatchObject({ keepAcknowledgedMs: 60_000, maxAgeMs: 30 * 86_400_000 });
    expect(folder.load({ BOTAUDIT_MAX_AGE_SECONDS: '5' }).journal).toMatchObject({ maxAgeMs: 5_000 });
    const { settings } = loadSettings({ env: {}, cwd: folder.path });
    expect(settings.find(({ key }) => key === 'journal.max_age_seconds')).toMatchObject({
      value: 30 * 86_400,
      place: { key: 'journal.max_age_seconds' },
      isOfPreset: true,
    });
    expect(settings.find(({ key }) => key === 'journal.keep_acknowledged_seconds')).toMatchObject({
      value: 60,
      place: { line: 2 },
      isOfPreset: false,
    });
  });

  it('can be named by the environment, and by one of its names alone', () => {
    expect(folder.load({ BOTAUDIT_POLICY_PRESET: 'minimal' }).policy.preset).toBe('minimal');
    folder.write('policy:\n  preset: hipaa\n');
    expect(folder.failure().message).toContain(
      ':2: policy.preset: wrong value "hipaa"; allowed: minimal, gdpr, pci-dss, iso-27001, eu-ai-act',
    );
  });

  it('leaves nothing out where the policy is wrong and a start goes on', () => {
    folder.write('policy:\n  preset: minimal\n  rules:\n    - { evnt: x }\n');
    const policy = new Policy(folder.load({ BOTAUDIT_ON_ERROR: 'continue' }).policy.rules);
    expect(policy.decide('bot.message.send', undefined, undefined).level).toBe('metadata');
  });

  it('is part of what the hash is about', () => {
    const hashes = names.map((name) => ofPreset(name).hash);
    expect(new Set([...hashes, new Policy().hash]).size).toBe(names.length + 1);
  });
});
