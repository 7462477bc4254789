export { BOXES_MAX, foldPicture } from './fold-picture.ts';
export type { Arrow, Box, BoxTone, Picture } from './picture.ts';
export { renderSvg } from './render-svg.ts';
