export { isNull, nullBitmapBytes, setNull } from '../core/index.js';
