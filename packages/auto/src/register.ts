import { preload } from './preload.js';

preload();
