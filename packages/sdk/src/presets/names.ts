/** The presets that `policy.preset` may name. */
export const PRESET_NAMES = ['minimal', 'gdpr', 'pci-dss', 'iso-27001', 'eu-ai-act'] as const;

export type PresetName = (typeof PRESET_NAMES)[number];
