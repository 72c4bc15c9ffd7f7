import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { botsDashboard } from './bots.ts';
import { pipelineDashboard } from './pipeline.ts';

/** Grafana's dashboards as files of the repository: each path with what makes its content. */
export function dashboardFiles(): Record<string, () => string> {
  return {
    'collector-config/grafana/bots.json': () => json(botsDashboard()),
    'collector-config/grafana/pipeline.json': () => json(pipelineDashboard()),
  };
}

function json(dashboard: Dashboard): string {
  // The builders give every row the same id.
  const panels = dashboard.panels?.map((panel, index) => ({ ...panel, id: index + 1 }));
  return JSON.stringify({ ...dashboard, panels }, undefined, 2);
}
