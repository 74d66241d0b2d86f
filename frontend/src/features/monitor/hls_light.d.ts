/** The light build has no types of its own; what it has is typed as in the whole. */
declare module "hls.js/light" {
  import Hls from "hls.js";
  export default Hls;
}
