"""The whole path on a laptop, as a newcomer sees it: deploy, deliver, score, publish, and three clients asking."""
