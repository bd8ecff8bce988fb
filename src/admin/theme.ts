/** The colours of the console: every pair of text and ground has a contrast of 4.5 to 1 at least. */
export const theme = `:root {
  color-scheme: light dark;
  --page: #f6f7f9; --surface: #ffffff; --sunken: #f1f3f6; --line: #e0e4ea; --field: #ffffff; --field-line: #8791a1;
  --ink: #171c26; --muted: #566072; --link: #2348c7; --focus: #2f6bff;
  --accent: #2d51d8; --on-accent: #ffffff; --accent-soft: #e7edff; --accent-ink: #2140ad;
  --good: #0b6b3e; --good-soft: #def5e8; --bad: #b01c2e; --bad-soft: #fde8ea; --warn: #8a4a00; --warn-soft: #fdf0d8;
  --calm: #4b5566; --calm-soft: #eaedf2; --chart-ok: #5b7cf0; --chart-calm: #aab4c4; --chart-good: #2aa36b; --chart-warn: #e0a32e;
  --shadow: 0 1px 2px rgb(23 28 38 / .05);
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0e1218; --surface: #161b23; --sunken: #1d242e; --line: #2a323e; --field: #10151c; --field-line: #6b788c;
    --ink: #e8ecf2; --muted: #a0abbb; --link: #9db6ff; --focus: #7ea2ff;
    --accent: #4163e6; --on-accent: #ffffff; --accent-soft: #1f2c54; --accent-ink: #bccbff;
    --good: #62d79b; --good-soft: #12311f; --bad: #ff8f9c; --bad-soft: #3b161c; --warn: #f3b763; --warn-soft: #37270d;
    --calm: #b8c1ce; --calm-soft: #262e3a; --chart-ok: #6a89f7; --chart-calm: #4b5667; --chart-good: #3fb27c; --chart-warn: #d99a2b;
    --shadow: none;
  }
}`
