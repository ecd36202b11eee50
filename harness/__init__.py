"""The instrument: measures, checks, scores and judges a speech pipeline that it never imports."""
