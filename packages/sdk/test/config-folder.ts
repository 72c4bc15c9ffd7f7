import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Config, ConfigError, loadConfig } from '../src/index.js';

/** A folder with the configuration of a bot that starts in it. */
export class ConfigFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'botaudit-config-'));

  write(text: string, name = 'botaudit.yaml'): void {
    writeFileSync(join(this.path, name), text);
  }

  load(env: Record<string, string> = {}): Config {
    return loadConfig({ env, cwd: this.path });
  }

  /** What is wrong with it. */
  failure(env: Record<string, string> = {}): ConfigError {
    try {
      this.load(env);
    } catch (error) {
      if (error instanceof ConfigError) return error;
      throw error;
    }
    throw new Error('it was accepted');
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
