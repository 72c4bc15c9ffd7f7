import { type AuditedModule, patchClasses } from '@botaudit/instrumentation';
import { patchProtocol } from './protocol.js';
import { FRAMEWORK } from './scope.js';

/** What is patched in the MCP SDK 1.x. */
export const MCP_MODULES: readonly AuditedModule[] = [
  {
    module: '@modelcontextprotocol/sdk',
    framework: FRAMEWORK,
    supported: { from: '1.10.0', below: '2.0.0' },
    files: ['dist/cjs/shared/protocol.js'],
    esModules: { 'dist/esm/shared/protocol.js': ['Protocol'] },
    patch: patchClasses({ Protocol: patchProtocol }),
  },
];
