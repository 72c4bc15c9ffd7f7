import { testHostileUpdates } from '../../platform-telegram/test/frameworks/hostile.js';
import { useStage } from './setup.js';

testHostileUpdates(useStage());
