import { testTracing } from '../../platform-telegram/test/frameworks/tracing.js';
import { useStage } from './setup.js';

const stage = useStage();

testTracing(stage, (update) => stage.current.bot.handleUpdate(update, { writableEnded: true } as never));
