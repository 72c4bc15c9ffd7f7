import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { run } from '@grammyjs/runner';
import { test } from 'vitest';
import { expectOwnTraces, testTracing } from '../../platform-telegram/test/frameworks/tracing.js';
import { audit, useStage } from './setup.js';

const require = createRequire(import.meta.url);
// The package's main file hands on what this one exports.
audit('@grammyjs/runner', require(join(dirname(require.resolve('@grammyjs/runner')), 'runner.js')));

const stage = useStage();

testTracing(stage, (update) => stage.current.bot.handleUpdate(update, { send: () => {} }));

test('so it is with a bot that a runner runs', () => expectOwnTraces(stage.current, () => run(stage.current.bot)));
