import { testEvery } from '../../platform-telegram/test/frameworks/every.js';
import { useStage } from './setup.js';

const stage = useStage();

testEvery(stage, (method, args) => {
  // grammY gives methods without parameters their arguments itself.
  const given = Object.keys(args).length > 0 ? [args] : [];
  return (stage.current.bot.api.raw[method] as (...args: unknown[]) => Promise<unknown>)(...given);
});
