/** The same for everybody: Next.js makes it once, at the build. */
export default function About() {
  return <h1>About this shop</h1>;
}
