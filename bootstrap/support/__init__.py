"""The support bundle: what somebody who helps wants to see, without what is private."""
