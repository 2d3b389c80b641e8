"""The whole path on a laptop, as a newcomer sees it: deploy, deliver, score, publish, and two clients asking."""
