import { testEvery } from '../../platform-telegram/test/frameworks/every.js';
import { useStage } from './setup.js';

const stage = useStage();

/** The example's files, which are grammY's, as Telegraf takes them. */
function forTelegraf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(forTelegraf);
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  if ('toRaw' in value && 'filename' in value) return { source: Buffer.from('a cat'), filename: value.filename };
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, forTelegraf(member)]));
}

testEvery(stage, (method, args) => stage.current.bot.telegram.callApi(method as never, forTelegraf(args) as never));
