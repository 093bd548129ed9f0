/** Apart from the renderers, which a command line that is only parsed does not need. */
export const reportFormats = ['csv', 'json', 'markdown', 'html'] as const;
export type ReportFormat = (typeof reportFormats)[number];
