import type { Command } from 'commander';
import { bashScript } from '../completion/bash.js';
import { fishScript } from '../completion/fish.js';
import { completionModel } from '../completion/model.js';
import type { Shell } from '../completion/shells.js';
import { zshScript } from '../completion/zsh.js';
import { Output } from '../output.js';

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript };

/** Prints the completion script of `shell` for `program`. */
export async function completion(shell: Shell, program: Command): Promise<void> {
  const output = new Output();
  output.line(SCRIPTS[shell](completionModel(program)).trimEnd());
  await output.flush();
}
