#!/usr/bin/env node
// Stands here before anything is built, so that npm links it when the workspace is installed.
import '../dist/main.js';
