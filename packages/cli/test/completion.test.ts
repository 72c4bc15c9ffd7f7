import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bashScript } from '../src/completion/bash.js';
import { fishScript } from '../src/completion/fish.js';
import { completionModel } from '../src/completion/model.js';
import { zshScript } from '../src/completion/zsh.js';
import { buildProgram } from '../src/program.js';

const model = completionModel(buildProgram());
const has = (shell: string) => spawnSync(shell, ['-c', 'exit 0']).status === 0;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'botaudit-completion-'));
  mkdirSync(join(folder, 'records'));
  writeFileSync(join(folder, 'read me.ndjson'), '');
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What bash offers for the last of `words`, sorted. */
function bash(...words: string[]): string[] {
  const script = `${bashScript(model)}
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_botaudit
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', script, 'bash', ...words], {
    cwd: folder,
    encoding: 'utf8',
  });
  // Outside of a real completion bash has no options to set.
  expect(stderr.replace(/.*compopt: not currently executing completion function\n/g, '')).toBe('');
  return stdout.split('\n').filter(Boolean).sort();
}

describe.skipIf(!has('bash'))('bash', () => {
  test('offers the commands, and those that begin as the word does', () => {
    expect(bash('botaudit', '')).toEqual([
      'archive',
      'completion',
      'decrypt',
      'doctor',
      'duplicates',
      'export',
      'help',
      'index',
      'keys',
      'policy',
      'run',
      'search',
      'ship',
      'show',
      'tail',
      'timestamp',
      'verify',
    ]);
    expect(bash('botaudit', 'sh')).toEqual(['ship', 'show']);
    expect(bash('botaudit', '--dir', 'x', 'ta')).toEqual(['tail']);
  });

  test('offers the options of the command, and those of the program before it', () => {
    expect(bash('botaudit', 'tail', '--')).toEqual(['--config', '--dir', '--follow', '--help', '--json', '--lines']);
    expect(bash('botaudit', '--j')).toEqual(['--json']);
  });

  test('offers values: of the catalogue, choices, folders, files', () => {
    expect(bash('botaudit', 'search', '--event', 'bot.member.b')).toEqual(['bot.member.ban']);
    expect(bash('botaudit', 'search', '--outcome', '')).toEqual(['failure', 'success', 'unknown']);
    expect(bash('botaudit', 'search', '--outcome', '=', 'f')).toEqual(['failure']);
    expect(bash('botaudit', 'completion', '')).toEqual(['bash', 'fish', 'zsh']);
    expect(bash('botaudit', 'tail', '--dir', 'r')).toEqual(['records']);
    expect(bash('botaudit', 'verify', 'r')).toEqual(['read me.ndjson', 'records']);
    expect(bash('botaudit', 'search', '--actor', 'r')).toEqual([]);
  });

  test('offers the commands below a command, their options and values', () => {
    expect(bash('botaudit', 'policy', '')).toEqual(['check', 'dry-run', 'explain']);
    expect(bash('botaudit', '--dir', 'x', 'policy', 'e')).toEqual(['explain']);
    expect(bash('botaudit', 'policy', '--')).toEqual(['--help']);
    expect(bash('botaudit', 'policy', 'explain', 'bot.member.b')).toEqual(['bot.member.ban']);
    expect(bash('botaudit', 'policy', 'explain', '--pl')).toEqual(['--platform']);
    expect(bash('botaudit', 'policy', 'explain', '--platform', 'x', 'bot.member.u')).toEqual([
      'bot.member.unban',
      'bot.member.unmute',
    ]);
    expect(bash('botaudit', 'policy', 'check', 'r')).toEqual(['read me.ndjson', 'records']);
  });

  test('offers commands behind run, and files behind the command', () => {
    expect(bash('botaudit', 'run', '--', 'mkdi')).toContain('mkdir');
    expect(bash('botaudit', 'run', '--dir', 'records', 'mkdi')).toContain('mkdir');
    expect(bash('botaudit', 'run', '--', 'node', 'r')).toEqual(['read me.ndjson', 'records']);
    expect(bash('botaudit', 'run', '--end')).toEqual(['--endpoint']);
  });
});

describe.skipIf(!has('zsh'))('zsh', () => {
  test('offers commands, options and values', { timeout: 60_000 }, () => {
    writeFileSync(join(folder, '_botaudit.zsh'), zshScript(model));
    /** zsh completes only at a real prompt, so it gets a terminal of its own; Ctrl-D lists, Ctrl-C gives up the line. */
    const list = (line: string) => {
      const script = `
zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z 'PS1=prompt\\>; autoload -U compinit; compinit -u -D; source ./_botaudit.zsh; stty columns 200; print REA''DY'
zpty -m -r z out '*READY*prompt>*'
zpty -w -n z ${JSON.stringify(line)}$'\\t\\t'
zpty -w -n z $' \\C-u print DO\\'\\'NE\\n'
zpty -m -r z out '*DONE*'
print -r -- $out`;
      return spawnSync('zsh', ['-f', '-c', script], { cwd: folder, encoding: 'utf8', timeout: 20_000 }).stdout;
    };
    expect(list('botaudit ve')).toContain('verify');
    expect(list('botaudit search --event bot.member.ba')).toContain('bot.member.ban');
    const options = list('botaudit tail --');
    expect(options).toContain('--follow');
    expect(options).toContain('--lines');
    expect(list('botaudit policy ex')).toContain('explain');
    expect(list('botaudit policy explain bot.member.ba')).toContain('bot.member.ban');
  });
});

describe.skipIf(!has('fish'))('fish', () => {
  test('offers commands, options and values', { timeout: 60_000 }, () => {
    writeFileSync(join(folder, 'botaudit.fish'), fishScript(model));
    const list = (line: string) =>
      spawnSync('fish', ['--no-config', '-c', `source botaudit.fish; complete -C ${JSON.stringify(line)}`], {
        cwd: folder,
        encoding: 'utf8',
        env: { ...process.env, HOME: folder },
      }).stdout;
    expect(list('botaudit ve')).toMatch(/^verify\t/m);
    expect(list('botaudit tail --')).toMatch(/^--follow\t/m);
    expect(list('botaudit search --event bot.member.b')).toMatch(/^bot\.member\.ban\b/m);
    expect(list('botaudit verify r')).toContain('records/');
    expect(list('botaudit run -- mkdi')).toContain('mkdir');
    expect(list('botaudit policy ')).toMatch(/^check\t.*\ndry-run\t.*\nexplain\t/m);
    expect(list('botaudit policy explain bot.member.b')).toMatch(/^bot\.member\.ban\b/m);
    expect(list('botaudit policy explain --pl')).toMatch(/^--platform\t/m);
  });
});
